from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules


class SearchConfig(AppConfig):
    """The query language. Generic: it knows no lead and no message."""

    name = "search"

    def ready(self) -> None:
        from search.words import text_lookups

        connection_created.connect(text_lookups.add_sqlite_function)
        # Each app may bring words to searchable models: see search/words/vocabulary.py.
        autodiscover_modules("vocabulary")
