"""A front door in a browser: a hub with people in every role, each signed in, at a time that the test sets."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from sqlalchemy import select, update

from mash import clock
from mash.db import Database
from mash.models.accounts import User
from mash.models.contact import Contact
from mash.rules.ruleset import RuleSet
from mash.vocabulary import State
from tests.support.hub import MONDAY, Hub
from tests.support.telephone import enrolled
from tests.web.browsing import FROM_HERE, Browser, parsed
from tests.web.conftest import QUICK_HASH, VAULT, settings
from web.app import create_app

_ID = re.compile(r"/contacts/([\w-]+)\?done=")
_VERSION = re.compile(r'name="version" value="(\d+)"')
_KEY = re.compile(r'name="form_key" value="([\w-]+)"')
_DRAFT = re.compile(r'name="draft" value="([^"]+)"')
_TITLE = re.compile(r"<title>(.*?) – Front door</title>", re.DOTALL)
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)


class FrontDoor:
    """The hub of the tests, seen through its pages."""

    def __init__(self, db: Database, rules: RuleSet | None = None, at: datetime = MONDAY) -> None:
        self.hub = Hub(db, at, rules)
        with db.transaction() as tx:
            tx.execute(update(User).values(password_hash=QUICK_HASH))
        enrolled(db, VAULT)
        self.app: FastAPI = create_app(settings=settings(), db=db)
        self.browsers: dict[str, Browser] = {}
        self.last_here: dict[str, datetime] = {}

    def browser(self, who: str) -> Browser:
        """This person's browser, signed in; again, after a while away."""
        with clock.at(self.hub.at):
            if who not in self.browsers or self.hub.at - self.last_here[who] > timedelta(minutes=10):
                self.browsers[who] = Browser(self.app)
                self.browsers[who].let_in(who)
        self.last_here[who] = self.hub.at
        return self.browsers[who]

    def get(self, path: str, who: str = "screener", expect: int = 200) -> str:
        """A page as text; it must be valid HTML, and its title its heading."""
        with clock.at(self.hub.at):
            answer = self.browser(who).get(path)
        assert answer.status_code == expect, answer.text
        return checked(answer.text)

    def post(self, path: str, who: str = "screener", *, expect: int = 303, **fields: Any) -> str:
        """Fill in the form at this path and send it: where it leads, or the page that came back."""
        with clock.at(self.hub.at):
            browser = self.browser(who)
            page = browser.get(path)
            assert page.status_code == 200, page.text
            return self.send(path, who, expect=expect, **(_hidden(page.text) | fields))

    def send(self, path: str, who: str, *, expect: int = 303, **fields: Any) -> str:
        """Send these fields with the token of the page fetched last."""
        with clock.at(self.hub.at):
            browser = self.browser(who)
            given = [
                (name, one)
                for name, value in {"csrf_token": browser.token, **fields}.items()
                for one in (value if isinstance(value, list) else [value])
            ]
            headers = FROM_HERE | {"content-type": "application/x-www-form-urlencoded"}
            answer = browser.client.post(path, content=urlencode(given), headers=headers)
        assert answer.status_code == expect, answer.text
        return str(answer.headers["location"]) if expect == 303 else checked(answer.text)

    def record(self, who: str = "officer", **fields: Any) -> str:
        """Record a contact through the form; its id."""
        fields = {"children-0-forename": "Tiana", "received_at-date": "9/11/2026", "received_at-time": "9:30", **fields}
        found = _ID.search(self.post("/contacts/new", who, **fields))
        assert found
        return found[1]

    def act(self, who: str, verb: str, contact_id: str, *, expect: int = 303, **fields: Any) -> str:
        """Do it through its form."""
        return self.post(f"/contacts/{contact_id}/{verb}", who, expect=expect, **fields)

    def state(self, contact_id: str) -> State:
        with self.hub.db.reading() as look:
            return State(look.execute(select(Contact.state).where(Contact.id == contact_id)).scalar_one())

    def contacts(self) -> int:
        with self.hub.db.reading() as look:
            return len(look.execute(select(Contact.id)).all())


def _hidden(page: str) -> dict[str, str]:
    found = {"version": _VERSION.search(page), "form_key": _KEY.search(page), "draft": _DRAFT.search(page)}
    return {name: match[1] for name, match in found.items() if match}


def checked(page: str) -> str:
    """The page, unescaped; it is valid HTML, and its title ends with its heading."""
    parsed(page)
    title, heading = _TITLE.search(page), _HEADING.search(page)
    assert title and heading and title[1].removeprefix("Error: ") == heading[1]
    return unescape(page)


def main_of(page: str) -> str:
    """The words of the page's main part, with single blanks."""
    main = page[page.index("<main") : page.index("</main>")]
    main = re.sub(r"</?(?:time|strong|a)\b[^>]*>", "", main)
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())
