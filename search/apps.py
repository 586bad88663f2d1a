from django.apps import AppConfig
from django.db.backends.signals import connection_created


class SearchConfig(AppConfig):
    """The query language. Generic: it knows no lead and no message."""

    name = "search"

    def ready(self) -> None:
        from search.words import lookups

        connection_created.connect(lookups.on_connection)
