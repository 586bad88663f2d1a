from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "smscenter.support"
    label = "support"

    def ready(self) -> None:
        from messaging.outgoing import sweeps
        from smscenter.retention import EVERY
        from smscenter.support import marks, number_facts, retention  # noqa: F401
        from smscenter.support.mail import outbox
        from smscenter.support.requests.whitelistings import notify_expired
        from smscenter.support.review import carrier_lists

        sweeps.register(outbox.send_due, every=1)
        sweeps.register(notify_expired, every=60)
        sweeps.register(carrier_lists.sync_allowlists, every=1)
        sweeps.register(retention.delete_abandoned_drafts, every=EVERY)
        sweeps.register(retention.forget_feedback_clients, every=EVERY)
