from django.apps import AppConfig


class SmsCenterConfig(AppConfig):
    name = "smscenter"

    def ready(self) -> None:
        from messaging.outgoing import sweeps
        from smscenter import checks  # noqa: F401
        from smscenter.accounts.retention import delete_old_sign_ins
        from smscenter.retention import EVERY

        sweeps.register(delete_old_sign_ins, every=EVERY)
