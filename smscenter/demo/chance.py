"""Repeatable randomness: the same seed gives the same rows."""

import random
import uuid
from collections.abc import Iterator


def dice(*seed: object) -> random.Random:
    """Return a random source for this name, so that one more lead doesn't change the others."""
    return random.Random(":".join(map(str, seed)))  # noqa: S311 -- has to repeat, guards nothing


def key(rng: random.Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def volumes(leads: int, messages: int, rng: random.Random) -> list[int]:
    """Return the number of texts of each lead, skewed as in real life. The sum is `messages`.

    Three in ten have none, a third has one to three, and few share most of the rest.
    """
    counts, weights = [0] * leads, [0.0] * leads
    for index in range(leads):
        draw = rng.random()
        if draw >= 0.65:
            weights[index] = min(rng.paretovariate(1.1), 120)
        elif draw >= 0.3:
            counts[index] = rng.randint(1, 3)
    return _fit(counts, weights, messages)


def _fit(counts: list[int], weights: list[float], messages: int) -> list[int]:
    if not any(weights):
        weights = [1.0] * len(counts)
    left, total = max(0, messages - sum(counts)), sum(weights)
    fitted = [
        count + int(left * weight / total) for count, weight in zip(counts, weights, strict=True)
    ]
    _settle(fitted, weights, messages - sum(fitted))
    return fitted


def _settle(counts: list[int], weights: list[float], missing: int) -> None:
    """Correct rounding differences at the leads that have texts."""
    step = 1 if missing > 0 else -1
    places = _rounds(counts, weights, step)
    for _ in range(abs(missing)):
        counts[next(places)] += step


def _rounds(counts: list[int], weights: list[float], step: int) -> Iterator[int]:
    while True:
        for index, weight in enumerate(weights):
            if (weight > 0) if step > 0 else counts[index] > 0:
                yield index
