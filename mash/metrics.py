"""What does a machine that watches read? Figures of the clockwork as Prometheus reads them; no data of anybody."""

from collections.abc import Iterable, Iterator

from sqlalchemy import func, select

from mash.db import Database
from mash.models.time import Alert
from mash.workflow import aside
from mash.workflow.clockwork import Clockwork, clockwork, count_due

Sample = tuple[str, float]
"""Labels, such as `{bell="sweep"}` or none, and a value."""

Figure = tuple[str, str, str, list[Sample]]
"""A name, what kind Prometheus calls it, what it is, and its samples."""


def metrics(db: Database, stale_seconds: int) -> str:
    """The figures of now, in Prometheus' text format, version 0.0.4."""
    with db.reading() as look:
        seen = clockwork(look, stale_seconds)
        due, set_aside = count_due(look, seen.now), aside.count(look)
        raised = look.execute(select(func.count()).select_from(Alert)).scalar_one()
    figures: list[Figure] = [
        *_clockwork(seen),
        ("mash_due_not_raised", "gauge", "Contacts with something due that was not raised", [("", due)]),
        ("mash_contacts_set_aside", "gauge", "Contacts that could not be worked out", [("", set_aside)]),
        ("mash_alerts_raised_total", "counter", "Alerts on record", [("", raised)]),
    ]
    return "".join(line for name, kind, help_, samples in figures for line in _lines(name, kind, help_, samples))


def _clockwork(seen: Clockwork) -> Iterator[Figure]:
    def by_bell(values: Iterable[float | None]) -> list[Sample]:
        pairs = zip(seen.beats, values, strict=True)
        return [(f'{{bell="{beat.name}"}}', value) for beat, value in pairs if value is not None]

    troubles: list[Sample] = [(f'{{trouble="{trouble}"}}', 1) for trouble in seen.troubles]
    yield "mash_healthy", "gauge", "1 where the clockwork is healthy", [("", float(not seen.troubles))]
    yield "mash_trouble", "gauge", "What is wrong with the clockwork", troubles
    ages, took = map(seen.age, seen.beats), (beat.took_seconds for beat in seen.beats)
    yield "mash_bell_age_seconds", "gauge", "Since each bell last finished", by_bell(ages)
    yield "mash_bell_took_seconds", "gauge", "How long each bell took last", by_bell(took)
    yield "mash_oldest_due_seconds", "gauge", "How long the oldest due is not raised", [("", seen.late_seconds)]
    yield "mash_clock_ahead_seconds", "gauge", "How far the clock of this machine is wrong", [("", seen.clock_ahead)]


def _lines(name: str, kind: str, help_: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {help_}.\n# TYPE {name} {kind}\n"
    yield from (f"{name}{labels} {value:g}\n" for labels, value in samples)
