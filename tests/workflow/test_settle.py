"""A late sweep and a punctual one leave the same record: random programs with all, some and none of the sweeps."""

from tests.support.databases import SqliteFiles
from tests.support.random_house import houses_on_files
from tests.support.random_play import Play, play
from tests.support.random_replays import ends_alike_however_swept


class SweptSomehow(Play):
    def at_the_end(self) -> None:
        ends_alike_however_swept(self)


def test_sweeps_at_every_due_instant_at_some_and_at_the_end_leave_the_same_record(sqlite_files: SqliteFiles) -> None:
    play(SweptSomehow, houses_on_files(sqlite_files), programs=12)
