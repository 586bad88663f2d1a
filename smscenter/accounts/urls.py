from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.urls import path, reverse_lazy

from smscenter.accounts import first_steps, organization, setup, views
from smscenter.accounts.forms import SignInForm

urlpatterns = [
    path("", views.home, name="home"),
    path(
        "sign-in/",
        LoginView.as_view(
            template_name="accounts/sign_in.html",
            authentication_form=SignInForm,
            redirect_authenticated_user=True,
        ),
        name="sign_in",
    ),
    path("setup/<str:token>/", setup.setup, name="setup"),
    path(
        "welcome/<str:uidb64>/<str:token>/",
        PasswordResetConfirmView.as_view(
            template_name="accounts/welcome.html",
            success_url=reverse_lazy("home"),
            post_reset_login=True,
            post_reset_login_backend=setup.BACKEND,
        ),
        name="welcome",
    ),
    path("first-steps/dismiss/", first_steps.first_steps_dismiss, name="first_steps_dismiss"),
    path("profile/", views.profile, name="profile"),
    path("profile/theme/", views.theme, name="theme"),
    path("settings/", views.settings, name="settings"),
    path(
        "settings/organization/", organization.organization_settings, name="organization_settings"
    ),
    path("shortcuts/", views.shortcuts, name="shortcuts"),
    path("sign-out/", views.SignOutView.as_view(), name="sign_out"),
    # Before the admin's own, which wouldn't clear the browser's cached pages.
    path("admin/logout/", views.SignOutView.as_view(), name="admin_sign_out"),
]
