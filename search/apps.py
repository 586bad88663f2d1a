from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The query language. Generic: it knows no lead and no message."""

    name = "search"
