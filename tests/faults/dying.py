"""A process that dies where it is told to: at a line of its code, in a commit, at any time. Knows nothing of contacts.

The child is a fork of a process that has read all its code already; it opens the database anew. It dies by SIGKILL and
in no other way: nothing is tidied up, neither by Python nor by the database's driver.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import psycopg
import sqlalchemy
from sqlalchemy import Connection, event

import mash
from mash.db import Database

PATIENCE_SECONDS = 120

_SQLALCHEMY = Path(sqlalchemy.__file__).parent
TRACED = tuple(
    f"{folder}{os.sep}"
    for folder in (
        Path(mash.__file__).parent,
        Path(psycopg.__file__).parent,
        *(_SQLALCHEMY / part for part in ("engine", "dialects", "pool")),
    )
)
"""Where lines count: our own code, and what lies between it and the database."""


class Where(StrEnum):
    """What a child waits for before it dies."""

    LINE = "line"
    COMMIT = "commit"
    BEGUN = "begun"
    DONE = "done"


@dataclass(frozen=True)
class Death:
    """`LINE`: after so many lines. `COMMIT`, `BEGUN`: from outside, so many seconds after that. `DONE`: at once."""

    where: Where
    after: float = 0

    def __str__(self) -> str:
        if self.where is Where.DONE:
            return "between two acts"
        if self.where is Where.LINE:
            return f"at line {self.after:.0f}"
        return f"{1000 * self.after:.2f} ms after {'the commit began' if self.where is Where.COMMIT else 'it began'}"


Told = list[tuple[str, float]]
"""What a child said before it died, and when."""


class Mortal:
    """The child's side: `begin()` where death may come, `tell()` what was done."""

    def __init__(self, death: Death | None, pipe: int, db: Database) -> None:
        self.death, self._pipe, self._db = death, pipe, db
        self.lines = self.lines_before_commit = 0
        self._begun = False

    def begin(self) -> None:
        """From here on it may die."""
        self._begun = True
        event.listen(self._db.engine, "commit", self._commit)
        self.tell(Where.BEGUN)
        if self.death is None or self.death.where is Where.LINE:
            sys.settrace(_tracing(self, self.death))

    def _commit(self, _connection: Connection) -> None:
        self.lines_before_commit = self.lines
        self.tell(Where.COMMIT)

    def tell(self, message: str) -> None:
        """Known to the parent from here on."""
        os.write(self._pipe, f"{message}\n".encode())
        dies_here = self.death is not None and self.death.where is Where.DONE and self._begun
        if dies_here and message.startswith(Where.DONE):
            die()


def die() -> None:
    """As a process does that is killed: without another word."""
    os.kill(os.getpid(), signal.SIGKILL)


def _tracing(mortal: Mortal, death: Death | None) -> Callable[..., Any]:
    """Counts lines; dies at the one that is wanted."""
    wanted = death.after if death else 0
    ours: dict[CodeType, bool] = {}

    def line(_frame: FrameType, kind: str, _given: object) -> Any:
        if kind == "line":
            mortal.lines += 1
            if mortal.lines == wanted:
                die()
        return line

    def call(frame: FrameType, _kind: str, _given: object) -> Any:
        code = frame.f_code
        if code not in ours:
            ours[code] = code.co_filename.startswith(TRACED)
        return line if ours[code] else None

    return call


def life(db: Database, live: Callable[[Mortal], None], death: Death | None) -> Told:
    """What a child told that lived and was killed, as `death` says, or when it was done. Closes `db` before."""
    db.close()
    ours, its = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _be_born(Mortal(death, its, db), live)
    os.close(its)
    told = _listen(ours, child, death)
    _, ended = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(ended) != -signal.SIGKILL:
        raise RuntimeError(f"A child was not killed but ended by itself ({ended}): {told[-1:]}")
    return told


def _be_born(mortal: Mortal, live: Callable[[Mortal], None]) -> None:
    """Never returns."""
    try:
        signal.alarm(PATIENCE_SECONDS)
        live(mortal)
        sys.settrace(None)
        mortal.tell(f"survived {mortal.lines_before_commit} {mortal.lines}")
        signal.pause()
    except BaseException as error:
        mortal.tell(f"failed {error!r}")
    finally:
        os._exit(70)


def _listen(pipe: int, child: int, death: Death | None) -> Told:
    told: Told = []
    with os.fdopen(pipe, encoding="utf-8") as lines:
        for line in lines:
            told.append((line.rstrip("\n"), time.perf_counter()))
            if line.startswith("survived"):
                os.kill(child, signal.SIGKILL)
            elif death is not None and line.rstrip("\n") == death.where:
                time.sleep(death.after)
                os.kill(child, signal.SIGKILL)
    return told
