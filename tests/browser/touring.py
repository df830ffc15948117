"""Walking the list of pages: one browser for each person, and at every stop a close look."""

from collections.abc import Iterable
from dataclasses import dataclass

from playwright.sync_api import Browser, Error

from tests.browser.states import Front
from tests.browser.stops import NOBODY, Stop
from tests.support.watching import Person


@dataclass
class Visitor(Person):
    """Somebody who looks where they stop, and not on the way."""

    def look(self) -> None:
        """Not yet."""


def walked(browser: Browser, front: Front, stops: Iterable[Stop]) -> list[str]:
    """What was found wrong at these stops, each with its state."""
    visitors: dict[str, Visitor] = {}
    for stop in stops:
        if stop.who not in visitors:
            visitors[stop.who] = _came(browser, front, stop.who)
        visitor = visitors[stop.who]
        try:
            stop.go(visitor, front)
        except Error as trouble:
            visitor.complaints.append(f"cannot be reached: {trouble.message.splitlines()[:4]}")
        if stop.shows not in (words := visitor.words("body")):
            visitor.complaints.append(f"does not show “{stop.shows}”: {words[:600]}")
        visitor.survey()
        visitor.complaints = [_at(stop, one) for one in visitor.complaints]
    for visitor in visitors.values():
        visitor.context.close()
    return [complaint for visitor in visitors.values() for complaint in visitor.complaints]


def _at(stop: Stop, complaint: str) -> str:
    return complaint if complaint.startswith("[") else f"[{stop.route}, {stop.who}, {stop.state}] {complaint}"


def _came(browser: Browser, front: Front, who: str) -> Visitor:
    visitor = Visitor.at(browser, front.home)
    assert isinstance(visitor, Visitor)
    if who != NOBODY:
        visitor.sign_in(front.hub.actors[who].name)
    return visitor
