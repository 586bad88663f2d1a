from django.urls import include, path

from messaging.views import (
    composer,
    consent,
    lists,
    messages,
    opt_outs,
    scheduled,
    senders,
    unconfirmed,
)

urlpatterns = [
    path("leads/<int:pk>/sms/new/", composer.message_new, name="message_new"),
    path("leads/<int:pk>/sms/check/", composer.message_check, name="message_check"),
    path("leads/<int:pk>/sms/composer/", composer.message_composer, name="message_composer"),
    path("leads/<int:pk>/sms/template/", composer.message_template, name="message_template"),
    path("messages/", lists.message_list, name="message_list"),
    path("messages/export/", lists.message_export, name="message_export"),
    path("messages/unconfirmed/", unconfirmed.unconfirmed_list, name="unconfirmed_list"),
    path("messages/<int:pk>/", messages.message_detail, name="message_detail"),
    path("messages/<int:pk>/again/", messages.message_try_again, name="message_try_again"),
    path("messages/<int:pk>/cancel/", messages.retry_cancel, name="retry_cancel"),
    path("messages/<int:pk>/undo/", composer.message_undo, name="message_undo"),
    path("messages/<int:pk>/scheduled/", scheduled.scheduled_edit, name="scheduled_edit"),
    path("messages/<int:pk>/send-now/", scheduled.scheduled_send, name="scheduled_send"),
    path("messages/<int:pk>/unschedule/", scheduled.scheduled_cancel, name="scheduled_cancel"),
    path("attempts/<int:pk>/settle/", messages.attempt_settle, name="attempt_settle"),
    path("recipients/<int:pk>/allow/", messages.recipient_allow, name="recipient_allow"),
    path("", include("messaging.incoming.urls")),
    path("consent/", consent.consent_list, name="consent_list"),
    path("consent/export/", consent.consent_export, name="consent_export"),
    path("opt-outs/", opt_outs.opt_out_list, name="opt_out_list"),
    path("opt-outs/new/", consent.opt_out_new, name="opt_out_new"),
    path("opt-outs/<int:pk>/decide/", opt_outs.opt_out_decide, name="opt_out_decide"),
    path("senders/", senders.sender_list, name="sender_list"),
    path("senders/<int:pk>/", senders.sender_detail, name="sender_detail"),
]
