"""The search fields page: every field of a model, generated from its vocabulary."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from search.language.tree import quoted
from search.words.context import SearchContext
from search.words.fields import Field
from search.words.vocabulary import Vocabulary, get, is_registered


@dataclass(frozen=True)
class FieldDoc:
    """A row of the page. `names` are synonyms; `example` is a whole query."""

    names: tuple[str, ...]
    kind: str
    meaning: str
    example: str


def reference(model_name: str, user: Any) -> list[FieldDoc]:
    """Return the fields of a model, then those in its groups, then custom fields."""
    vocabulary = get(model_name)
    context = SearchContext.of(user)
    own = vocabulary.custom_fields(context).values()
    return [
        *(_field(each, context) for each in vocabulary.fields),
        *_has(vocabulary),
        *_in(vocabulary, context),
        *_groups(vocabulary),
        *(_field(each, context) for each in own),
    ]


def _field(each: Field, context: SearchContext) -> FieldDoc:
    names = (f"custom.{each.label}", each.label) if each.label else each.all_names
    return FieldDoc(names, each.kind, each.meaning, each.example_for(context))


def _has(vocabulary: Vocabulary) -> Iterator[FieldDoc]:
    for flag in vocabulary.flags:
        names = tuple(f"has:{name}" for name in flag.all_names)
        yield FieldDoc(names, "has", flag.meaning, names[0])
    example = f"has:{vocabulary.fields[0].all_names[0]}"
    yield FieldDoc(("has",), "has", "Any value in a field on this page.", example)


def _in(vocabulary: Vocabulary, context: SearchContext) -> Iterator[FieldDoc]:
    if context.can_save_views(vocabulary.key):
        views = context.saved_views(vocabulary.key)
        example = f"in:{quoted(views[0].name)}" if views else ""
        yield FieldDoc(("in",), "view", "Everything in a saved view.", example)


def _groups(vocabulary: Vocabulary) -> Iterator[FieldDoc]:
    for group in vocabulary.groups:
        names = tuple(f"{name}(…)" for name in group.all_names)
        yield FieldDoc(names, "group", group.meaning, group.example)
        if is_registered(group.vocabulary):
            continue  # it has its own page
        for each in group.vocabulary.fields:
            inside = tuple(f"{group.all_names[0]}({name}:…)" for name in each.all_names)
            yield FieldDoc(inside, each.kind, each.meaning, each.example)
