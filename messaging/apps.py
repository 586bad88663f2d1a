from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MessagingConfig(AppConfig):
    name = "messaging"

    def ready(self) -> None:
        from messaging import checks  # noqa: F401
        from messaging.deliverability import money
        from messaging.diagnosis import code_map

        post_migrate.connect(code_map.load_shipped, sender=self)
        post_migrate.connect(money.load_shipped, sender=self)
