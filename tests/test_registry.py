"""Registries keep what apps register, in order and only once."""

from collections.abc import Callable

import pytest

from smscenter.registry import Registry


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
