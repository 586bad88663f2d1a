from django.apps import AppConfig, apps
from django.db.models.signals import pre_migrate


class SmsCenterConfig(AppConfig):
    name = "smscenter"

    def ready(self) -> None:
        from messaging.outgoing import sweeps
        from smscenter import checks, schema  # noqa: F401
        from smscenter.accounts.retention import delete_old_sign_ins
        from smscenter.retention import EVERY

        # Sent only for apps with models, which this one has none of.
        pre_migrate.connect(schema.refuse_outdated, sender=apps.get_app_config("accounts"))
        sweeps.register(delete_old_sign_ins, every=EVERY)
