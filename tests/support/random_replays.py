"""The same program once more: with other sweeps, and as a recording of itself. Both must leave the same record."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mash import recording_file, replay
from mash.export import export_events
from mash.models.contact import Contact
from mash.models.time import Alert, Deadline
from mash.workflow.results import result_lines
from tests.support.random_house import SECOND, House, boroughs
from tests.support.random_play import Play
from tests.test_export import picture

NOT_COMPARED = {"contact_id", "raised_at"}
"""A random id, and when the sweep said it."""


def ends_alike_however_swept(play: Play) -> None:
    """Results, refusals and stored clocks are the same with sweeps at every due instant, at some, or at the end."""
    swept_at_some = _finished(play.house, play)
    assert _played_again(play, punctually=True) == swept_at_some, "punctual sweeps leave another record"
    assert _played_again(play, punctually=False) == swept_at_some, "a sweep at the end alone leaves another record"


def _played_again(play: Play, *, punctually: bool) -> list[Any]:
    with play.houses() as house:
        answers = []
        for act in play.acts:
            if punctually:
                house.sweep_punctually(act.at)
            answers.append(house.do(act))
        assert answers == play.answers, "refused, or done, for another reason"
        if punctually:
            house.sweep_punctually(play.at)
        return _finished(house, play)


def _finished(house: House, play: Play) -> list[Any]:
    """What the record shows once a sweep has raised everything up to and with the end."""
    house.sweep(play.at + SECOND)
    lines = sorted(repr(line) for _, line in result_lines(house.db))
    with house.db.reading() as look:
        names = {row.id: row.reference for row in look.execute(select(Contact.id, Contact.reference))}
        due = sorted(repr(tuple(row)) for row in look.execute(select(Contact.reference, Contact.next_due_at)))
        stored = []
        for table in (Deadline, Alert):
            kept = [column for column in table.__table__.columns if column.key not in NOT_COMPARED]
            for row in look.execute(select(table.contact_id, *kept)):
                stored.append(repr((names[row.contact_id], *row[1:])))
    return [lines, due, sorted(stored)]


def comes_back_from_its_own_recording(play: Play) -> None:
    """Exported and replayed, it is the same record: contacts, people, words, deadlines, alerts."""
    play.house.sweep(play.at + SECOND)
    with tempfile.TemporaryDirectory() as folder, play.houses() as again:
        file = Path(folder) / "export.jsonl"
        file.write_text("\n".join(export_events(play.house.db)), encoding="utf-8")
        progress = replay.Replay(again.db, again.actors).play(recording_file.read(file, boroughs()), play.at)
        refused = [(number, *reasons) for number, _, reasons in progress.refusals]
        assert not refused, f"refused in the replay: {refused}"
        now, then = picture(again.db), picture(play.house.db)
        assert now == then, "\n".join(_differences(now, then))


def _differences(now: list[list[Any]], then: list[list[Any]]) -> Iterator[str]:
    for one, other in zip(now, then, strict=True):
        yield from (f"only in the replay: {line}" for line in one if line not in other)
        yield from (f"only in the original: {line}" for line in other if line not in one)
