"""Registries keep what apps register, in order and only once."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from smscenter.registry import Registry

ROOT = Path(settings.BASE_DIR)
NAME = re.compile(r"^(\w+)(?:: Registry\[.+\])? = Registry\(", re.MULTILINE)


def test_the_page_about_extending_names_every_registry() -> None:
    page = (ROOT / "docs" / "extend.md").read_text()
    for room in ("leads", "messaging", "search", "smscenter"):
        for path in (ROOT / room).rglob("*.py"):
            for name in NAME.findall(path.read_text()):
                assert f"`{name}`" in page, path


def test_entries_are_kept_in_order() -> None:
    words: Registry[str] = Registry(key=str.lower)
    words.register("Zebra")
    words.register("Ant")
    assert list(words) == ["Zebra", "Ant"]
    assert words.by_key["ant"] == "Ant"


def test_the_same_key_is_refused() -> None:
    words: Registry[str] = Registry(key=str.lower)
    words.register("Ant")
    with pytest.raises(ValueError, match="'ant' is already registered"):
        words.register("ANT")
    assert list(words) == ["Ant"]


def test_a_function_is_registered_by_a_decorator() -> None:
    functions: Registry[Callable[[], str]] = Registry()

    @functions.register
    def greet() -> str:
        return "Hello"

    assert list(functions) == [greet]
    assert greet() == "Hello"
