from django.apps import AppConfig


class SmsCenterConfig(AppConfig):
    name = "smscenter"

    def ready(self) -> None:
        from smscenter import checks  # noqa: F401
