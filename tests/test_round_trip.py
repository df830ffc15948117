"""What happened, exported and replayed, is the same record again: for random histories in three boroughs."""

from tests.support.databases import SqliteFiles
from tests.support.random_house import houses_on_files
from tests.support.random_play import Play, play
from tests.support.random_replays import comes_back_from_its_own_recording


class Exported(Play):
    def at_the_end(self) -> None:
        comes_back_from_its_own_recording(self)


def test_a_random_history_comes_back_from_its_own_recording(sqlite_files: SqliteFiles) -> None:
    play(Exported, houses_on_files(sqlite_files), programs=12)
