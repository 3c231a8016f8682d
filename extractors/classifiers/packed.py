"""Several weights in one whole number, each in a place of its own, so that one addition sums them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat

# Bits of a place. It holds the sum of 32,000 of the largest weights, more than a text has words that are looked at; trained ones are below 5,000.
_PLACE = 32
_LARGEST = 1 << 16
_HALF = 1 << _PLACE - 1
_MASK = (1 << _PLACE) - 1


def packed(tables: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """One table for several: by name the weights of all of them, the first in the lowest place. ValueError for a weight that fits no place."""
    joined: dict[str, int] = {}
    for place, table in enumerate(tables):
        for name, weight in table.items():
            if abs(weight) >= _LARGEST:
                raise ValueError(f"the weight {weight} of {name!r} does not fit its place: train with a stronger penalty")
            joined[name] = joined.get(name, 0) + (weight << place * _PLACE)
    return joined


def unpacked(total: int, places: int) -> list[int]:
    """The sums that stand in the places of a sum of packed weights."""
    sums: list[int] = []
    for _ in range(places):
        one = (total + _HALF & _MASK) - _HALF
        sums.append(one)
        total = total - one >> _PLACE
    return sums


def weighed(weights: Mapping[str, int], names: Iterable[str]) -> int:
    """The sum of the weights of `names`; what training has not seen weighs nothing."""
    return sum(map(weights.get, names, repeat(0)))
