from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from messaging import checks, codes  # noqa: F401

        post_migrate.connect(codes.load_shipped, sender=self)
