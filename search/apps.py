from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created


class SearchConfig(AppConfig):
    """The search language. It's generic and doesn't know about leads or messages."""

    name = "search"

    def ready(self) -> None:
        from search.words import text_lookups, word_index

        connection_created.connect(text_lookups.add_sqlite_function)
        register(word_index.check_fts5, Tags.database)
