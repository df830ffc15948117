"""What is a message on its way out, and how can sending it fail? Shared by the carriers; knows no database."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from socket import SHUT_RDWR, socket
from threading import Thread

from mash.vocabulary import AlertKind

LIMIT_SECONDS = 10.0
"""How long one delivery may take in all, whatever the other end does."""


@dataclass(frozen=True)
class Line:
    """One alert as a message tells of it. It holds no name, no concern and no address of anybody."""

    borough: str
    contact_id: str
    reference: str
    kind: AlertKind
    level: int
    clock: str
    label: str
    at: datetime
    due_at: datetime
    over: bool


@dataclass(frozen=True)
class Outgoing:
    """A message to be sent: its key, whom it is for (an e-mail address), and the alerts that it tells of."""

    id: str
    to: str | None
    lines: tuple[Line, ...]


Send = Callable[[Outgoing], None]
"""Sends it, or raises one of these two. Whoever receives the same key twice has received one message."""


class NotThere(Exception):
    """This recipient cannot be reached like this, now or later: others must be told.

    `doubtful`: it may as well be that nobody can be reached, which shows only in whether others are.
    """

    def __init__(self, why: str, *, doubtful: bool = False) -> None:
        super().__init__(why)
        self.doubtful = doubtful


class NotNow(Exception):
    """It could not be sent this time. `carrier_fails`: nothing else could be either."""

    def __init__(self, why: str, *, carrier_fails: bool = True) -> None:
        super().__init__(why)
        self.carrier_fails = carrier_fails


def within(seconds: float, work: Callable[[], None], give_up: Callable[[], None]) -> None:
    """Do it in so many seconds at most. Raises what it raises, or NotNow when they are over.

    Timeouts of sockets count each answer anew, and a slow answer may be very long: what hangs is left behind, and
    `give_up` cuts the line on which it waits.
    """
    failed: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:  # handed over to who waits
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        give_up()
        raise NotNow(f"It took longer than {seconds:g} seconds.")
    if failed:
        raise failed[0]


def cut(line: socket | None) -> None:
    """End a conversation from outside: whoever waits on the line wakes. Closing it would wait for them instead."""
    if line is not None:
        with suppress(OSError):
            line.shutdown(SHUT_RDWR)


def why(error: Exception) -> str:
    """What went wrong on the line, in a few words."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
