from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "smscenter.support"
    label = "support"

    def ready(self) -> None:
        from messaging.outgoing import sweeps
        from smscenter.retention import EVERY
        from smscenter.support import marks, number_facts, retention  # noqa: F401
        from smscenter.support.mail import outbox
        from smscenter.support.models import Whitelisting
        from smscenter.support.review import carrier_lists

        sweeps.register(outbox.send_due, every=1)
        sweeps.register(Whitelisting.objects.tell_expiries, every=60)
        sweeps.register(carrier_lists.tell, every=1)
        sweeps.register(retention.delete_abandoned_drafts, every=EVERY)
        sweeps.register(retention.forget_feedback_clients, every=EVERY)
