from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.urls import path

from smscenter.accounts import views
from smscenter.accounts.members import invitations
from smscenter.accounts.members import settings_page as members
from smscenter.accounts.organizations import settings_page as organization
from smscenter.accounts.organizations import setup, sign_up
from smscenter.accounts.pages import first_steps
from smscenter.accounts.signing_in.email_addresses import ChangeEmailView
from smscenter.accounts.signing_in.views import RemovePasskeyView, admin_sign_in, cancel, sign_in

# django-allauth's views, each with a template of ours. Its names for them must stay. What isn't
# listed here, such as signing up or several emails, can't be reached.
account_urls = [
    path("sign-in/", sign_in, name="account_login"),
    path("sign-in/", sign_in, name="sign_in"),
    path(
        "sign-in/code/",
        second_factor.AuthenticateView.as_view(template_name="accounts/second_factor/sign_in.html"),
        name="mfa_authenticate",
    ),
    path("sign-in/cancel/", cancel, name="sign_in_cancel"),
    path("sign-in/passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path(
        "account/confirm/",
        account.ReauthenticateView.as_view(template_name="accounts/confirm/password_or_code.html"),
        name="account_reauthenticate",
    ),
    path(
        "account/confirm/code/",
        second_factor.ReauthenticateView.as_view(
            template_name="accounts/confirm/password_or_code.html"
        ),
        name="mfa_reauthenticate",
    ),
    path(
        "account/confirm/passkey/",
        passkeys.ReauthenticateWebAuthnView.as_view(template_name="accounts/confirm/passkey.html"),
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "account/email/",
        ChangeEmailView.as_view(),
        name="account_email",
    ),
    path(
        "account/email/confirm/<str:key>/",
        account.ConfirmEmailView.as_view(template_name="accounts/email_confirm.html"),
        name="account_confirm_email",
    ),
    path(
        "account/password/",
        account.PasswordChangeView.as_view(template_name="accounts/password/change.html"),
        name="account_change_password",
    ),
    path(
        "account/password/set/",
        account.PasswordSetView.as_view(template_name="accounts/password/change.html"),
        name="account_set_password",
    ),
    path(
        "account/password/reset/",
        account.PasswordResetView.as_view(template_name="accounts/password/reset.html"),
        name="account_reset_password",
    ),
    path(
        "account/password/reset/sent/",
        account.PasswordResetDoneView.as_view(template_name="accounts/password/reset_sent.html"),
        name="account_reset_password_done",
    ),
    path(
        "account/password/reset/done/",
        account.PasswordResetFromKeyDoneView.as_view(
            template_name="accounts/password/reset_done.html"
        ),
        name="account_reset_password_from_key_done",
    ),
    path(
        "account/password/reset/<str:uidb36>/<str:key>/",
        account.PasswordResetFromKeyView.as_view(template_name="accounts/password/choose.html"),
        name="account_reset_password_from_key",
    ),
    path(
        "account/security/",
        second_factor.IndexView.as_view(template_name="accounts/second_factor/index.html"),
        name="mfa_index",
    ),
    path(
        "account/security/app/",
        app.ActivateTOTPView.as_view(template_name="accounts/second_factor/app.html"),
        name="mfa_activate_totp",
    ),
    path(
        "account/security/app/remove/",
        app.DeactivateTOTPView.as_view(template_name="accounts/second_factor/app_remove.html"),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/security/codes/",
        recovery_codes.ViewRecoveryCodesView.as_view(
            template_name="accounts/second_factor/codes.html"
        ),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/security/codes/new/",
        recovery_codes.GenerateRecoveryCodesView.as_view(
            template_name="accounts/second_factor/codes_new.html"
        ),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/security/codes/download/",
        recovery_codes.DownloadRecoveryCodesView.as_view(
            template_name="accounts/second_factor/codes.txt"
        ),
        name="mfa_download_recovery_codes",
    ),
    path(
        "account/security/passkey/",
        passkeys.AddWebAuthnView.as_view(template_name="accounts/second_factor/passkey.html"),
        name="mfa_add_webauthn",
    ),
    path(
        "account/security/passkey/<int:pk>/remove/",
        RemovePasskeyView.as_view(),
        name="mfa_remove_webauthn",
    ),
    path(
        "account/sessions/",
        sessions.ListUserSessionsView.as_view(template_name="accounts/sessions.html"),
        name="usersessions_list",
    ),
]

member_urls = [
    path("settings/members/", members.member_list, name="member_list"),
    path("settings/members/invite/", invitations.invite, name="member_invite"),
    path("settings/members/second-factor/", members.second_factor, name="member_second_factor"),
    path("settings/members/<int:pk>/", members.detail, name="member_detail"),
    path("settings/members/<int:pk>/role/", members.role, name="member_role"),
    path("settings/members/<int:pk>/deactivate/", members.deactivate, name="member_deactivate"),
    path("settings/members/<int:pk>/reactivate/", members.reactivate, name="member_reactivate"),
    path("settings/members/<int:pk>/remove/", members.remove, name="member_remove"),
    path("settings/invitations/<int:pk>/resend/", invitations.resend, name="invitation_resend"),
    path(
        "settings/invitations/<int:pk>/withdraw/", invitations.withdraw, name="invitation_withdraw"
    ),
    path("settings/roles/", views.roles, name="roles"),
    path("invitation/<str:token>/", invitations.accept, name="invitation_accept"),
]

urlpatterns = [
    path("", views.home, name="home"),
    *account_urls,
    *member_urls,
    path("sign-up/", sign_up.sign_up, name="sign_up"),
    path("sign-up/sent/", sign_up.sign_up_sent, name="sign_up_sent"),
    path("sign-up/<str:token>/", sign_up.sign_up_confirm, name="sign_up_confirm"),
    path("setup/<str:token>/", setup.setup, name="setup"),
    path("first-steps/dismiss/", first_steps.first_steps_dismiss, name="first_steps_dismiss"),
    path("profile/", views.profile, name="profile"),
    path("profile/theme/", views.theme, name="theme"),
    path("settings/", views.settings, name="settings"),
    path(
        "settings/organization/", organization.organization_settings, name="organization_settings"
    ),
    path(
        "settings/organization/delete/",
        organization.organization_delete,
        name="organization_delete",
    ),
    path("settings/organization/keep/", organization.organization_keep, name="organization_keep"),
    path("shortcuts/", views.shortcuts, name="shortcuts"),
    path("sign-out/", views.SignOutView.as_view(), name="sign_out"),
    # Before the admin's own, which wouldn't clear the browser's cached pages, and which doesn't
    # ask for a second factor.
    path("admin/logout/", views.SignOutView.as_view(), name="admin_sign_out"),
    path("admin/login/", admin_sign_in, name="admin_sign_in"),
]
