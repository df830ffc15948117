"""Is a damaged rule file refused where it is damaged? Random damage to the shipped files: `make faults`.

Each mutant of `tests.faults.spoilt` has to be refused with a problem within two lines of the damage, or come to a rule
set that is equal, or that differs in free text alone. Every problem has to be one sentence with its file and line.
"""

import argparse
import json
import re
import shutil
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from mash.errors import BadInput
from mash.rules.loader import load_file, resolved_text
from tests.faults.shipped import CONFIG, NORTHBRIDGE
from tests.faults.spoilt import KINDS, Mutant, Spoiler

REFUSED, EQUAL, TEXT_ONLY, FAILED = "refused", "equal", "free text only", "FAILED"


class Verdict(NamedTuple):
    """What became of a mutant; `reasons` where it was refused, or what is wrong."""

    outcome: str
    reasons: tuple[str, ...] = ()


class Bench:
    """A configuration folder in which one file at a time is replaced by a mutant."""

    def __init__(self, folder: Path) -> None:
        self.config = Path(shutil.copytree(CONFIG, folder / "config"))
        self.whole = self._text()

    def _text(self) -> str:
        return resolved_text(load_file(self.config / NORTHBRIDGE, self.config))

    def try_out(self, mutant: Mutant) -> Verdict:
        file = self.config / mutant.file
        before = file.read_bytes()
        file.write_bytes(mutant.contents)
        try:
            return self._verdict(mutant, str(file))
        except Exception as error:  # whatever is not a refusal is what is looked for
            return Verdict(FAILED, (f"{type(error).__name__}: {error}",))
        finally:
            file.write_bytes(before)

    def _verdict(self, mutant: Mutant, file: str) -> Verdict:
        try:
            text = self._text()
        except BadInput as refused:
            return Verdict(REFUSED if _is_near(mutant, file, refused.reasons) else FAILED, refused.reasons)
        if text == self.whole:
            return Verdict(EQUAL)
        return Verdict(TEXT_ONLY if without_text(text) == without_text(self.whole) else FAILED, ("it was accepted",))


def _is_near(mutant: Mutant, file: str, reasons: tuple[str, ...]) -> bool:
    """Whether each is a sentence at a place, and one is within two lines of the damage."""
    found = [re.fullmatch(r"(.+?):(\d+): ([^\n]*[.?])", reason) for reason in reasons]
    return all(found) and any(m and m[1] == file and abs(int(m[2]) - mutant.line) <= 2 for m in found)


def without_text(resolved: str) -> Any:
    """A rule set without the words that only people read."""

    def stripped(value: Any, route: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            return {key: stripped(part, (*route, key)) for key, part in value.items()}
        text = {"label", "title", "source", "because", "in_hours", "out_of_hours", "destination", "type_of_work"}
        names = len(route) == 2 and route[0] in ("events", "concerns", "bank_holidays")
        return None if (route[-1] in text and "when" not in route) or names else value

    return stripped(json.loads(resolved), ())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worst", type=int, default=0, help="show so many of those with the most problems told")
    chosen = parser.parse_args()
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    told, failures, started = [], 0, time.monotonic()
    with TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for mutant in Spoiler(chosen.seed).mutants(chosen.mutants):
            verdict = bench.try_out(mutant)
            counts[mutant.kind][verdict.outcome] += 1
            told += [(len(verdict.reasons), mutant, verdict)] if verdict.outcome == REFUSED else []
            if verdict.outcome == FAILED:
                failures += 1
                sys.stdout.write(_shown(mutant, verdict, folder))
    for _, mutant, verdict in sorted(told, key=lambda t: -t[0])[: chosen.worst]:
        sys.stdout.write(_shown(mutant, verdict, folder))
    _report(counts, [number for number, *_ in told], f"seed {chosen.seed}, {time.monotonic() - started:.0f} s")
    sys.exit(1 if failures else 0)


def _shown(mutant: Mutant, verdict: Verdict, folder: str) -> str:
    reasons = "".join(f"    {reason}\n" for reason in verdict.reasons).replace(f"{folder}/", "")
    return f"{verdict.outcome}: {mutant.kind}: {mutant.file}:{mutant.line}: {mutant.damage}\n{reasons}"


def _report(counts: dict[str, Counter[str]], told: list[int], run: str) -> None:
    for kind in KINDS:
        parts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts[kind].items()))
        sys.stdout.write(f"{kind}: {parts}\n")
    whole = sum(counts.values(), Counter[str]())
    several = f"one problem told in {told.count(1)}, two in {told.count(2)}, more in {sum(n > 2 for n in told)}"
    sys.stdout.write(f"{sum(whole.values())} mutants: {', '.join(f'{n} {o}' for o, n in sorted(whole.items()))}\n")
    sys.stdout.write(f"refused with {several}, at most {max(told, default=0)}; {run}\n")


if __name__ == "__main__":
    main()
