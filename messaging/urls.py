from django.urls import path

from messaging.incoming.webhooks import INBOUND, STATUS, receive
from messaging.views import composer, lists, messages, scheduled

urlpatterns = [
    path("leads/<int:pk>/sms/new/", composer.message_new, name="message_new"),
    path("leads/<int:pk>/sms/check/", composer.message_check, name="message_check"),
    path("leads/<int:pk>/sms/composer/", composer.message_composer, name="message_composer"),
    path("leads/<int:pk>/sms/template/", composer.message_template, name="message_template"),
    path("messages/", lists.message_list, name="message_list"),
    path("messages/export/", lists.message_export, name="message_export"),
    path("messages/<int:pk>/", messages.message_detail, name="message_detail"),
    path("messages/<int:pk>/again/", messages.message_try_again, name="message_try_again"),
    path("messages/<int:pk>/cancel/", messages.retry_cancel, name="retry_cancel"),
    path("messages/<int:pk>/undo/", composer.message_undo, name="message_undo"),
    path("messages/<int:pk>/scheduled/", scheduled.scheduled_edit, name="scheduled_edit"),
    path("messages/<int:pk>/send-now/", scheduled.scheduled_send, name="scheduled_send"),
    path("messages/<int:pk>/unschedule/", scheduled.scheduled_cancel, name="scheduled_cancel"),
    path("attempts/<int:pk>/settle/", messages.attempt_settle, name="attempt_settle"),
    path("recipients/<int:pk>/allow/", messages.recipient_allow, name="recipient_allow"),
    path("webhooks/<carrier>/status/", receive, STATUS, "webhook_status"),
    path("webhooks/<carrier>/inbound/", receive, INBOUND, "webhook_inbound"),
    # People may enter the URL at a carrier without the slash, and a redirect would lose the text.
    path("webhooks/<carrier>/status", receive, STATUS, "webhook_status_no_slash"),
    path("webhooks/<carrier>/inbound", receive, INBOUND, "webhook_inbound_no_slash"),
]
