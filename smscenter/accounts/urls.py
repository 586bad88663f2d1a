from django.contrib.auth.views import LoginView
from django.urls import path

from smscenter.accounts import views
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
    path("profile/", views.profile, name="profile"),
    path("profile/theme/", views.theme, name="theme"),
    path("settings/", views.settings, name="settings"),
    path("shortcuts/", views.shortcuts, name="shortcuts"),
    path("sign-out/", views.SignOutView.as_view(), name="sign_out"),
    # Before the admin's own, which wouldn't clear the browser's cached pages.
    path("admin/logout/", views.SignOutView.as_view(), name="admin_sign_out"),
]
