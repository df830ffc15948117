"""A program of ours with a fault that comes with SIGUSR1 and goes with SIGUSR2, as a process: see FAULTS.

`python -m tests.faults.failing FAULT COMMAND …`, for example `thread serve --with-timers`.
"""

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from typing import Any

import apscheduler.schedulers.base

from mash import cli, clock
from mash.workflow.scheduler import Bell


def thread(comes: bool) -> None:
    """The thread of the scheduler dies, and the process lives on. It does not come back by itself."""
    for one in threading.enumerate() if comes else ():
        if one.name == "APScheduler":
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(one.ident or 0), ctypes.py_object(SystemExit))


class Shifted(datetime):
    """The machine's clock, put forward and back."""

    by = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + cls.by


def jump(comes: bool) -> None:
    """The machine's clock is put ten minutes forward, and back."""
    Shifted.by = timedelta(minutes=10) if comes else timedelta(0)


_hangs = threading.Event()


def outbox(comes: bool) -> None:
    """What sends messages hangs, as on a mail server that never answers."""
    (_hangs.set if comes else _hangs.clear)()


FAULTS: dict[str, Callable[[bool], None]] = {"thread": thread, "jump": jump, "outbox": outbox}


def _send() -> None:
    while _hangs.is_set():
        time.sleep(0.2)


def main() -> None:
    name = sys.argv.pop(1)
    if name == "jump":
        vars(clock)["datetime"] = vars(apscheduler.schedulers.base)["datetime"] = Shifted
    if name == "outbox":
        own: Any = vars(cli)["_bells"]
        vars(cli)["_bells"] = lambda db, settings: [*own(db, settings), Bell("outbox", _send, 5)]
    signal.signal(signal.SIGUSR1, lambda *_: FAULTS[name](True))
    signal.signal(signal.SIGUSR2, lambda *_: FAULTS[name](False))
    cli.main()


if __name__ == "__main__":
    main()
