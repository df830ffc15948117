"""How long do two larger things take? Recorded, not gated: loading 33 rule sets, and reading one contact's history."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from bench.measuring import Figure, recorded
from mash import migrate, recording_file, replay, rulebook
from mash.db import Database
from mash.rules.loader import load_folder
from mash.workflow import rows
from mash.workflow.clocks import timeline
from mash.workflow.history import Event
from tests.support.hub import CONFIG, northbridge

RULE_SETS = 33
EVENTS = 25


def figures() -> Iterator[Figure]:
    """Loading, then the fold."""
    with tempfile.TemporaryDirectory() as folder:
        config = boroughs(Path(folder))
        assert len(load_folder(config)) == RULE_SETS
        yield recorded(f"{RULE_SETS} rule sets from files", lambda: load_folder(config), "s", 1, 5)
    rules = northbridge()
    events, before = _history()
    yield recorded(f"fold of one contact, {EVENTS} events", lambda: timeline(rules, events, (), before), "ms", 1, 301)


def boroughs(folder: Path) -> Path:
    """Northbridge's file under so many names, with what it inherits and no other authority."""
    config = folder / "config"
    shutil.copytree(CONFIG, config, ignore=shutil.ignore_patterns("boroughs"))
    (config / "boroughs").mkdir()
    shutil.copy(CONFIG / "boroughs" / "_baseline.yaml", config / "boroughs")
    text = (CONFIG / "boroughs" / "northbridge.yaml").read_text(encoding="utf-8")
    for number in range(1, RULE_SETS + 1):
        renamed = re.sub(r"(?m)^name: .*$", f"name: borough-{number}", text)
        renamed = re.sub(r"(?m)^title: .*$", f"title: Borough {number}", renamed)
        (config / "boroughs" / f"borough-{number}.yaml").write_text(renamed, encoding="utf-8")
    return config


def _history() -> tuple[Sequence[Event], datetime]:
    """The events of one eventful contact, and an instant a month after them: every alert has been raised."""
    lines = recording_file.read(Path(__file__).parent / "contact.jsonl", ["northbridge"])
    db = Database("sqlite://")
    try:
        migrate.build(db, purpose="demo")
        rulebook.install(db, [northbridge()])
        player = replay.Replay(db)
        refused = player.play(lines).refusals
        with db.reading() as look:
            (events,) = rows.events_of(look, list(player.ids.values())).values()
    finally:
        db.close()
    assert len(events) == EVENTS and not refused, refused
    return events, lines[-1].at + timedelta(days=30)
