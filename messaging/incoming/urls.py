from django.urls import path

from messaging.incoming.webhooks import INBOUND, STATUS, receive

# WebhookMiddleware serves these, and nothing else.
urlpatterns = [
    path("webhooks/<carrier>/status/", receive, STATUS, "webhook_status"),
    path("webhooks/<carrier>/inbound/", receive, INBOUND, "webhook_inbound"),
    # People may enter the URL at a carrier without the slash, and a redirect would lose the text.
    path("webhooks/<carrier>/status", receive, STATUS, "webhook_status_no_slash"),
    path("webhooks/<carrier>/inbound", receive, INBOUND, "webhook_inbound_no_slash"),
]
