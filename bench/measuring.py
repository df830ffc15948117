"""How many times as long does one thing take as another? Both in turn, in many short rounds: the median of the ratios.

Machines are noisy, so an absolute time decides nothing: what disturbs one side of a round disturbs the other as well.
All times are of the processor.
"""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import median, quantiles
from typing import Any

ROUNDS = 31
ROUND_SECONDS = 0.005
"""About how long each side works in a round."""


@dataclass(frozen=True)
class Side:
    """One of two that are compared. `do` goes once through a sample, which `sample` makes anew and nobody times."""

    sample: Callable[[], Sequence[Any]]
    do: Callable[[Any], None]

    def seconds(self, passes: int = 1) -> float:
        """How long one item takes: the median of so many passes."""
        return median(self._pass() for _ in range(passes))

    def _pass(self) -> float:
        sample = self.sample()
        return _spent(lambda: self.do(sample)) / len(sample)

    def passes(self) -> int:
        """How many of them fill a round; also warms it up."""
        return max(1, round(ROUND_SECONDS / min(self.seconds() for _ in range(5)) / len(self.sample())))


@dataclass(frozen=True)
class Figure:
    """What was found, round by round, with its limit. Ratios are gated; times are only recorded.

    `each` are the seconds that an item took on either side, round by round.
    """

    what: str
    rounds: Sequence[float]
    unit: str
    limit: float
    at_least: bool = False
    gated: bool = True
    each: Sequence[Sequence[float]] = ()

    @property
    def found(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    @property
    def kept(self) -> bool:
        """Whether the limit is kept."""
        return self.found >= self.limit if self.at_least else self.found <= self.limit

    @property
    def verdict(self) -> str:
        """Whether the limit is kept, in words."""
        if self.gated:
            return "ok" if self.kept else "NOT OK"
        return "recorded" if self.kept else "recorded, over"

    @property
    def line(self) -> str:
        """Its row in the table."""
        low, _, high = quantiles(self.rounds, n=4)
        limit = f"at {'least' if self.at_least else 'most'} {self.limit:g} {self.unit}"
        times = " / ".join(_duration(median(side)) for side in zip(*self.each, strict=True))
        cells = (f"{self.found:.3g} {self.unit}", f"{low:.3g} to {high:.3g}", limit, self.verdict, times)
        return "{:58}{:>8}  {:>14}  {:14}{:16}{}".format(self.what, *cells).rstrip()

    def with_rounds_of(self, others: Sequence["Figure"]) -> "Figure":
        """All rounds together."""
        rounds = [ratio for figure in (self, *others) for ratio in figure.rounds]
        return replace(self, rounds=rounds, each=[pair for figure in (self, *others) for pair in figure.each])


def ratio(what: str, slow: Side, fast: Side, limit: float, *, at_least: bool = False) -> Figure:
    """How many times as long as `fast` the other takes."""
    sides = ((slow, slow.passes()), (fast, fast.passes()))
    with _undisturbed():
        each = [_round(sides, n) for n in range(ROUNDS)]
    return Figure(what, [a / b for a, b in each], "×", limit, at_least, each=each)


def _round(sides: tuple[tuple[Side, int], tuple[Side, int]], number: int) -> tuple[float, float]:
    """Both sides, now one first, now the other."""
    (slow, many), (fast, more) = sides
    if number % 2:
        later = fast.seconds(more)
        return slow.seconds(many), later
    return slow.seconds(many), fast.seconds(more)


def recorded(what: str, do: Callable[[], object], unit: str, limit: float, rounds: int) -> Figure:
    """How long it takes, in `s` or `ms`."""
    do()
    scale = {"s": 1.0, "ms": 1e3}[unit]
    with _undisturbed():
        return Figure(what, [scale * _spent(do) for _ in range(rounds)], unit, limit, gated=False)


def _spent(do: Callable[[], object]) -> float:
    begun = time.process_time()
    do()
    return time.process_time() - begun


def _duration(seconds: float) -> str:
    """`1.13 µs`."""
    for unit, size in (("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
