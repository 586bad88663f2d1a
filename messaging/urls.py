from django.urls import path

from messaging import webhooks
from messaging.models import CarrierEvent

STATUS, INBOUND = CarrierEvent.Kind.STATUS, CarrierEvent.Kind.INBOUND

urlpatterns = [
    path("webhooks/<carrier>/status/", webhooks.receive, {"kind": STATUS}, "webhook_status"),
    path("webhooks/<carrier>/inbound/", webhooks.receive, {"kind": INBOUND}, "webhook_inbound"),
]
