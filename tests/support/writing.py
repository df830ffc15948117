"""Police who write to a hub three times on each weekday of five weeks, and then stop; the bell that hears it."""

from datetime import UTC, datetime, timedelta

from mash import clock
from mash.silence.watch import watch
from mash.vocabulary import Source
from tests.support.hub import Hub

BEGIN = datetime(2026, 6, 1, 8, 54, tzinfo=UTC)
STOP = datetime(2026, 7, 6, 8, 0, tzinfo=UTC)
"""A Monday, 9am in London."""
LAST = datetime(2026, 7, 3, 10, 54, tzinfo=UTC)


class Police:
    """What they wrote up to now, and what follows."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        for n in range((STOP - BEGIN).days + 1):
            if (day := BEGIN + timedelta(days=n)).weekday() < 5:
                self.write(day)

    def write(self, day: datetime, number: int = 3) -> None:
        """So many contacts, an hour apart."""
        for n in range(number):
            self.hub.at = day + timedelta(hours=n)
            self.hub.receive(source=Source.POLICE)

    def ring(self, at: datetime) -> None:
        """The bell rings."""
        self.hub.at = at
        with clock.at(at):
            watch(self.hub.db, self.hub.office.rulebook)
