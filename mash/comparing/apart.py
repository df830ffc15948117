"""How is a comparison worked out without holding anybody up? In a process of its own, one at a time, with a limit.

A year of work takes minutes: in this process pages and timers would stand still meanwhile. The other process is told on
its input where the database is, reads only, and answers on its output; nothing is written to a file.
"""

import os
import pickle
import subprocess
import sys
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from threading import Event, Lock, Thread

import structlog

from mash.comparing.compared import Comparison
from mash.comparing.sources import compare_record
from mash.db import Database
from mash.errors import MashError, Refused
from mash.rules.loader import from_text

LIMIT_SECONDS, PATIENCE_SECONDS = 300, 5
KEPT, KEPT_SECONDS = 4, 900
BUSY = "Another comparison is being worked out. Look again when it is done: one is worked out at a time."
TOO_LONG = "This took longer than {minutes} minutes and was given up. Choose a later date: there is less to play then."
FAILED = "The comparison could not be worked out. Tell whoever runs this service: it is in the log."
log = structlog.get_logger()


@dataclass(frozen=True)
class Question:
    """Two rule sets as resolved text, since when, and how long clocks run. `head` tells one state of the record."""

    url: str
    old: str
    new: str
    since: date
    until: datetime
    head: tuple[int, ...]

    @property
    def key(self) -> str:
        """The same for the same question about the same record, whenever it is asked."""
        return sha256(repr((self.url, self.old, self.new, self.since, self.head)).encode()).hexdigest()


@dataclass
class _Work:
    begun: float = field(default_factory=time.monotonic)
    done: Event = field(default_factory=Event)
    answer: Comparison | None = None
    trouble: str = ""

    @property
    def is_of_use(self) -> bool:
        """Whether whoever asks the same may have this answer; what failed is tried anew."""
        return not self.trouble and time.monotonic() - self.begun < KEPT_SECONDS


class Apart:
    """Comparisons worked out apart. The last few are kept in memory, for a while."""

    def __init__(self, limit_seconds: float = LIMIT_SECONDS, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.limit_seconds, self.patience_seconds = limit_seconds, patience_seconds
        self._lock = Lock()
        self._works: OrderedDict[str, _Work] = OrderedDict()

    def ask(self, question: Question) -> Comparison | None:
        """The answer; None where our patience ends before: it is still being worked out, ask again.

        Raises Refused while another comparison is worked out, and where this one took too long or failed.
        """
        work = self._begun(question)
        if not work.done.wait(self.patience_seconds):
            return None
        if work.trouble:
            raise Refused(work.trouble)
        return work.answer

    def _begun(self, question: Question) -> _Work:
        with self._lock:
            work = self._works.get(question.key)
            if work is not None and (work.is_of_use or not work.done.is_set()):
                return work
            if any(not other.done.is_set() for other in self._works.values()):
                raise Refused(BUSY)
            work = self._works[question.key] = _Work()
            self._works.move_to_end(question.key)
            while len(self._works) > KEPT:
                self._works.popitem(last=False)
        Thread(target=self._work, args=(question, work), daemon=True).start()
        return work

    def _work(self, question: Question, work: _Work) -> None:
        command = [sys.executable, "-m", "mash.comparing.apart"]
        try:
            done = subprocess.run(
                command, input=pickle.dumps(question), stdout=subprocess.PIPE, timeout=self.limit_seconds, check=True
            )
            answer = pickle.loads(done.stdout)
            work.answer = answer if isinstance(answer, Comparison) else None
            work.trouble = "" if work.answer else str(answer)
        except subprocess.TimeoutExpired:
            work.trouble = TOO_LONG.format(minutes=round(self.limit_seconds / 60))
        except (subprocess.CalledProcessError, OSError, EOFError, pickle.UnpicklingError) as error:
            log.error("comparison.failed", why=type(error).__name__)
            work.trouble = FAILED
        finally:
            work.done.set()


def main() -> None:
    """In the other process: the question on the input, a Comparison or why there is none on the output."""
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    os.nice(10)
    question: Question = pickle.loads(sys.stdin.buffer.read())
    db = Database(question.url)
    try:
        rules = from_text(question.old), from_text(question.new)
        answer: Comparison | str = compare_record(db, *rules, question.since, question.until)
    except MashError as error:
        answer = str(error)
    finally:
        db.close()
    answers.write(pickle.dumps(answer))
    answers.flush()


if __name__ == "__main__":
    from mash.comparing.apart import main as as_module  # so that what is pickled has this module's name, not `__main__`

    as_module()
