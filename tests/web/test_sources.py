"""A quiet source is told where people look: on the alerts, on the board and on a page of its own."""

from datetime import timedelta

from mash import clock
from mash.db import Database
from tests.support.writing import BEGIN, STOP, Police
from tests.web.front_door import FrontDoor, main_of


def test_a_quiet_source_is_told_in_a_sentence_until_it_is_back_and_what_is_known_of_it_too(database: Database) -> None:
    door = FrontDoor(database, at=BEGIN)
    police = Police(door.hub)
    police.ring(STOP + timedelta(hours=2))
    assert "As usual Called quiet" in main_of(door.get("/alerts/sources", "administrator"))
    assert "nothing since" not in door.get("/alerts", "officer")

    police.ring(STOP + timedelta(days=2, hours=2))
    since = "Police: nothing since Friday 11:54am. From then until 11am, 8 are usual."
    fewest = "The fewest in the same hours of the weeks before: 8."
    for path, who in (("/alerts", "officer"), ("/board", "screener"), ("/alerts/lines", "manager")):
        assert since in _words(door, path, who) and fewest in _words(door, path, who)
    assert "Ring and ask" in _words(door, "/board/figures", "edt")
    assert "Note what is known" not in door.get("/alerts/sources", "administrator")

    assert "Say what is known." in door.post("/alerts/sources", "manager", expect=422, source="6")
    door.post("/alerts/sources", "manager", source="6", because="System down, rang 13:20, incident 4711.")
    assert "System down" in main_of(door.get("/alerts/sources", "officer"))
    assert "Manager noted at 11am what is known." in _words(door, "/alerts", "officer")
    assert "Note what is known" not in door.get("/alerts/sources", "manager")
    door.send("/alerts/sources", "manager", expect=409, source="6", because="Again.")

    police.write(STOP + timedelta(days=3))
    police.write(STOP + timedelta(days=4))
    police.ring(door.hub.at)
    assert "nothing since" not in door.get("/alerts", "officer")
    after = main_of(door.get("/alerts/sources", "manager"))
    assert "As usual again by 11am." in after and "Manager: System down" in after


def _words(door: FrontDoor, path: str, who: str) -> str:
    """The words of a page, or of the part of one that refreshes itself."""
    with clock.at(door.hub.at):
        page = door.browser(who).get(path).text
    return main_of(page if "<main" in page else f"<main{page}</main>")
