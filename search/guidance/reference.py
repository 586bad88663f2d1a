"""The search fields page: every field of a model, generated from its vocabulary."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from search.language.tree import quoted
from search.words import vocabulary
from search.words.context import Searcher
from search.words.fields import Field
from search.words.vocabulary import Vocabulary


@dataclass(frozen=True)
class WordDoc:
    """`names` mean the same; the example is a whole query."""

    names: tuple[str, ...]
    kind: str
    meaning: str
    example: str


def reference(model_name: str, user: Any) -> list[WordDoc]:
    """Return the fields of a model, then those in its groups, then custom fields."""
    words = vocabulary.get(model_name)
    searcher = Searcher.of(user)
    own = words.made(searcher).values()
    return [
        *(_field(each, searcher) for each in words.fields),
        *_has(words),
        *_in(words, searcher),
        *_groups(words),
        *(_field(each, searcher) for each in own),
    ]


def _field(each: Field, searcher: Searcher) -> WordDoc:
    names = (f"custom.{each.label}", each.label) if each.label else each.all_names
    return WordDoc(names, each.kind, each.meaning, each.example_for(searcher))


def _has(words: Vocabulary) -> Iterator[WordDoc]:
    for flag in words.flags:
        names = tuple(f"has:{name}" for name in flag.all_names)
        yield WordDoc(names, "has", flag.meaning, names[0])
    example = f"has:{words.fields[0].all_names[0]}"
    yield WordDoc(("has",), "has", "Any field on this page: it has a value.", example)


def _in(words: Vocabulary, searcher: Searcher) -> Iterator[WordDoc]:
    if searcher.can_save_views(words.key):
        views = searcher.saved_views(words.key)
        example = f"in:{quoted(views[0].name)}" if views else ""
        yield WordDoc(("in",), "view", "Everything in a saved view.", example)


def _groups(words: Vocabulary) -> Iterator[WordDoc]:
    for group in words.groups:
        names = tuple(f"{name}(…)" for name in group.all_names)
        yield WordDoc(names, "group", group.meaning, group.example)
        if vocabulary.is_registered(group.vocabulary):
            continue  # it has a page of its own
        for each in group.vocabulary.fields:
            inside = tuple(f"{group.all_names[0]}({name}:…)" for name in each.all_names)
            yield WordDoc(inside, each.kind, each.meaning, each.example)
