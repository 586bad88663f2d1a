from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from messaging import checks, codes, retention, sweeps  # noqa: F401
        from smscenter.retention import EVERY

        sweeps.register(retention.delete_old_events, every=EVERY)
        post_migrate.connect(codes.load_shipped, sender=self)
