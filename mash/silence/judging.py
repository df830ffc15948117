"""Is it quieter than chance explains? One measure for a flow that stops and for one that all but stops; pure.

Few contacts since an instant are the more surprising the more were usual. How surprising is the logarithm of how much
likelier so few are where the flow has dried up than where it goes on as usual: with nothing at all, and counts that
scatter by chance alone, simply the number that was usual. Counts that scatter more than by chance surprise less (a
negative binomial distribution takes the place of Poisson's).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf, log

from mash.silence.usual import HORIZON, Usual

RARE = 1.5
"""By chance alone a source may be called quiet once in so many months: its own number of contacts sets how much it
takes, for each of them begins a silence."""
SELDOM = 20.0
"""Where few contacts come a silence must be as rare as once in so many: that one or two do not come is nothing."""
AGAIN = 10.0
"""So much rarer it must be for a source that was called quiet in the last four weeks already."""
FEW = 12
"""It is looked back to each of so many last contacts: where more came, a flow has not all but stopped."""
BACK, OF = 6, 10
"""It is back when six came in the time in which ten are usual."""


@dataclass(frozen=True)
class Quiet:
    """Since when a source is quiet, how many came since then and how many are usual."""

    since: int
    came: int
    usual: float


@dataclass(frozen=True)
class Judged:
    """Whether a source is quiet; else when it would be called so if nothing came any more (None: not for weeks)."""

    quiet: Quiet | None
    shows_at: int | None


def judge(usual: Usual, arrivals: Sequence[int], now: int, ended: int = 0) -> Judged:
    """From the instants at which contacts came, the latest first, as far back as the last silence `ended`."""
    if not usual.is_known or not arrivals:
        return Judged(None, None)
    again, found = ended >= usual.begins, []
    for came, arrival in enumerate(arrivals[: FEW + 1]):
        since = max(arrival, ended)
        if since < usual.begins:
            break
        shows_at = usual.reached(since, needed(usual, came, again=again))
        if shows_at is not None:
            found.append((shows_at, Quiet(since, came, usual.between(since, now))))
        if arrival <= ended:
            break
    if not found:
        return Judged(None, None)
    shows_at = min(at for at, _ in found)
    told = [quiet for at, quiet in found if at <= now]
    return Judged(max(told, key=lambda one: surprise(usual, one.came, one.usual), default=None), shows_at)


def is_back(usual: Usual, arrivals: Sequence[int], now: int, raised_at: int) -> bool:
    """Whether a source that was called quiet then comes as usual again."""
    if len(arrivals) < BACK or arrivals[BACK - 1] < raised_at:
        return False
    return usual.between(arrivals[BACK - 1], now) <= OF


def needed(usual: Usual, came: int, *, again: bool = False) -> float:
    """How many must be usual for so few to be more than chance; infinite where no number is enough."""
    rare = RARE * (AGAIN if again else 1)
    return _needed(log(max(rare * usual.a_month, SELDOM)), usual.a_month, usual.unevenness, usual.learnt, came)


def surprise(usual: Usual, came: int, number: float) -> float:
    """How surprising it is that so few came where so many are usual."""
    return _surprise(usual.a_month, usual.unevenness, usual.learnt, came, number)


@lru_cache(4096)
def _needed(threshold: float, a_month: float, unevenness: float, learnt: int, came: int) -> float:
    low, high = float(came), 2 * a_month + 3 * came
    if a_month <= 0 or _surprise(a_month, unevenness, learnt, came, high) < threshold:
        return inf
    for _ in range(40):
        middle = (low + high) / 2
        less = _surprise(a_month, unevenness, learnt, came, middle) < threshold
        low, high = (middle, high) if less else (low, middle)
    return high


def _surprise(a_month: float, unevenness: float, learnt: int, came: int, number: float) -> float:
    """A day's unevenness evens out over several; what was learnt from few contacts is itself unsure."""
    if number <= came:
        return 0.0
    days = max(1.0, number * HORIZON / a_month)
    r = 1 / (unevenness / days + 1 / max(learnt, 1))
    gained = came * log(came / number) if came else 0.0
    return gained + (came + r) * log((number + r) / (came + r))
