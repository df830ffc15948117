"""Does what must hold hold whatever people do? Random programs of acts, two thousand of them: `make faults`.

Each program is played as `tests.support.random_play` says, then twice more with other sweeps, then once more from its
own export. A program that fails is shrunk and told as lines of the replay format.
"""

import argparse
import os
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from mash.clock import LONDON
from tests.support.databases import SqliteFiles
from tests.support.random_house import houses_on_files
from tests.support.random_play import Play, Tally, play
from tests.support.random_replays import comes_back_from_its_own_recording, ends_alike_however_swept

AT_ONCE = 50


class Whole(Play):
    """A program with everything that can be asked of it."""

    def at_the_end(self) -> None:
        ends_alike_however_swept(self)
        comes_back_from_its_own_recording(self)


def some_programs(seed: int, programs: int) -> tuple[Tally, str]:
    """What was played, and the program that failed, if one did."""
    tally = Tally()
    with TemporaryDirectory() as name:
        try:
            houses = houses_on_files(SqliteFiles(Path(name)))
            play(Whole, houses, programs=programs, seed=seed, doctor_every=1, tally=tally)
        except Exception as error:
            return tally, f"seed {seed}: {told(error)}"
    return tally, ""


def told(error: BaseException) -> str:
    """The failure with the shrunk program, without what Hypothesis drew to make it."""
    notes = "\n".join(getattr(error, "__notes__", ()))
    program = notes.partition("The program:")[2].partition("Explanation:")[0]
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {where.name}: {error}\nThe program:{program or notes}"


def report(tally: Tally) -> None:
    for verb in sorted({*tally.done, *tally.refused}):
        sys.stdout.write(f"{verb}: {tally.done[verb]} done, {tally.refused[verb]} refused\n")
    stages = ", ".join(f"{stage} {number}" for stage, number in tally.stages.most_common())
    sys.stdout.write(f"{tally.steps} steps; contacts looked at by stage: {stages}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=datetime.now(LONDON).toordinal())
    parser.add_argument("--at-a-time", type=int, default=os.cpu_count() or 1, help="how many processes play")
    chosen = parser.parse_args()
    whole, started = Tally(), time.monotonic()
    parts = -(-chosen.programs // AT_ONCE)
    sizes = [min(AT_ONCE, chosen.programs - n * AT_ONCE) for n in range(parts)]
    seeds = [chosen.seed * 1000 + n for n in range(parts)]
    with ProcessPoolExecutor(chosen.at_a_time) as players:
        for tally, failure in players.map(some_programs, seeds, sizes):
            whole.add(tally)
            if failure:
                players.shutdown(wait=False, cancel_futures=True)
                break
    report(whole)
    sys.stdout.write(f"{whole.programs} programs, seed {chosen.seed}, {time.monotonic() - started:.0f} s\n{failure}\n")
    sys.exit(1 if failure else 0)


if __name__ == "__main__":
    main()
