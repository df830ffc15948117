"""What machines that watch are told, and what everybody sees when the clockwork is in trouble."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, insert
from sqlalchemy.exc import OperationalError

from mash import clock
from mash.db import Database
from mash.errors import Unsure
from mash.models.time import Heartbeat
from mash.workflow.heartbeats import SWEEP, beat
from tests.support.databases import SqliteFiles
from tests.web.browsing import FROM_HERE, Browser, parsed
from tests.web.conftest import PASSWORD, opened
from tests.web.front_door import FrontDoor

NINE = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)


def swept(db: Database, at: datetime) -> None:
    with db.transaction() as tx:
        tx.execute(delete(Heartbeat))
        tx.execute(insert(Heartbeat).values(name=SWEEP, at=at, took_seconds=0.1))


def test_a_stopped_sweep_is_said_on_every_page_and_by_readyz(sam: Browser, live: Database) -> None:
    for at, stopped in ((None, True), (NINE - timedelta(seconds=121), True), (NINE - timedelta(seconds=120), False)):
        if at:
            swept(live, at)
        with clock.at(NINE):
            sam.sign_in("sam", PASSWORD)
            for path in ("/try/queue", "/try/refused"):
                assert ("The timers have stopped." in sam.get(path).text) is stopped
            ready = sam.get("/readyz")
        assert ready.status_code == (503 if stopped else 200)
        age = None if at is None else int((NINE - at).total_seconds())
        report = ready.json()
        assert abs(report.pop("clock_seconds_ahead")) < 2
        troubles = ["sweep"] if stopped else []
        found = {"ready": not stopped, "database": True, "troubles": troubles, "seconds_since_sweep": age}
        assert report == found | {"oldest_due_seconds": 0, "messages_waiting": 0, "oldest_message_seconds": None}


def test_readyz_says_when_the_database_is_away(
    browser: Browser, live: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(live, "reading", gone)
    ready = browser.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, False)
    assert browser.get("/healthz").text == "ok"
    page = browser.get("/sign-in")
    assert (page.status_code, page.headers["retry-after"]) == (503, "10")


@pytest.mark.parametrize(
    ("bell", "said"),
    [("outbox", "Messages are not going out."), ("anchor", "A part of this service has stopped.")],
)
def test_whatever_has_stopped_is_said_in_words(sam: Browser, live: Database, bell: str, said: str) -> None:
    with clock.at(NINE - timedelta(minutes=5)):
        beat(live, bell, 15, 0.1)
    with clock.at(NINE):
        beat(live, SWEEP, 15, 0.1)
        sam.sign_in("sam", PASSWORD)
        page = sam.get("/try/queue").text
        assert said in page and "The timers have stopped." not in page
        assert sam.get("/readyz").json()["troubles"] == [bell]


def test_a_clock_that_is_wrong_is_said_in_words(sam: Browser, live: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    beat(live, SWEEP, 15, 0.1)
    assert "A clock of this service" not in sam.get("/try/queue").text
    monkeypatch.setattr(clock, "machine", lambda: datetime.now(UTC) - timedelta(minutes=1))
    assert "A clock of this service is wrong." in sam.get("/try/queue").text


def test_figures_are_for_this_machine_or_for_who_holds_the_token(live: Database) -> None:
    beat(live, SWEEP, 15, 0.25)
    app = opened(live)
    assert TestClient(app, client=("192.0.2.7", 50000)).get("/metrics").status_code == 404
    figures = TestClient(app, client=("127.0.0.1", 50000)).get("/metrics")
    assert figures.status_code == 200 and figures.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = figures.text.splitlines()
    assert "mash_healthy 1" in lines and 'mash_bell_took_seconds{bell="sweep"} 0.25' in lines
    assert "# TYPE mash_alerts_raised_total counter" in lines and "mash_alerts_raised_total 0" in lines
    held = TestClient(opened(live, metrics_token="long enough to be a token"), client=("127.0.0.1", 50000))
    assert held.get("/metrics").status_code == 404
    assert held.get("/metrics", headers={"authorization": "Bearer another"}).status_code == 404
    assert held.get("/metrics", headers={"authorization": "Bearer long enough to be a token"}).status_code == 200


def test_a_form_that_could_not_be_stored_is_still_in_the_page_and_can_be_sent_again(
    sam: Browser, live: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    sam.get("/try/queue")
    typed = 'She said:\n"I am <not> going home"'
    monkeypatch.setattr(live, "reading", gone)
    refused = sam.post("/form", text=typed)
    monkeypatch.undo()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert "Nothing of what you sent has been stored." in refused.text
    (form,) = parsed(refused.text).findall(".//form")
    fields = {field.attrib["name"]: field.attrib["value"] for field in form.findall(".//input")}
    sent = sam.client.post(form.attrib["action"], data=fields, headers=FROM_HERE)
    assert sent.text == f"Sam Whitlock wrote {typed}"


def test_a_password_never_comes_back_in_a_page(
    browser: Browser, live: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    browser.get("/sign-in")
    monkeypatch.setattr(live, "reading", gone)
    monkeypatch.setattr(live, "transaction", gone)
    refused = browser.post("/sign-in", username="sam", password=PASSWORD, next="/")
    assert refused.status_code == 503 and PASSWORD not in refused.text and "Send it again" not in refused.text


def test_where_nobody_knows_whether_it_was_stored_nothing_offers_to_send_it_again(
    sam: Browser, live: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise Unsure("Look before you send it again.")

    monkeypatch.setattr(live, "reading", gone)
    refused = sam.post("/form", text="She came back.")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert "Look before you send it again." in refused.text and "She came back." in refused.text
    assert parsed(refused.text).findall(".//form") == []


def test_a_full_disk_takes_nothing_and_then_takes_the_form_that_is_still_in_the_page(sqlite_files: SqliteFiles) -> None:
    with sqlite_files.copy("live") as db:
        door = FrontDoor(db)
        door.get("/contacts/new", "officer")
        with db.reading() as look:
            pages = look.exec_driver_sql("PRAGMA page_count").scalar_one()
            look.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        told = {"children-0-forename": "Tiana", "narrative": "Alone at home. " * 500}
        told |= {"received_at-date": "9/11/2026", "received_at-time": "9:30"}
        with pytest.raises(AssertionError, match="Nothing of what you sent has been stored"):
            for _ in range(100):
                door.record(**told)
        contacts = door.contacts()
        page = door.post("/contacts/new", "officer", expect=503, **told)
        assert door.contacts() == contacts
        with db.reading() as look:
            look.exec_driver_sql("PRAGMA max_page_count = 100000")
        fields = {f.attrib["name"]: f.attrib["value"] for f in parsed(page).findall(".//form//input")}
        assert fields["narrative"] == told["narrative"]
        door.send("/contacts/new", "officer", **fields)
        door.send("/contacts/new", "officer", **fields)
        assert door.contacts() == contacts + 1
