from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "smscenter.support"
    label = "support"

    def ready(self) -> None:
        from smscenter.support import marks, number_facts  # noqa: F401
