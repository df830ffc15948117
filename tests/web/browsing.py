"""A browser without a screen: keeps cookies, sends forms with their token and with the headers that browsers send."""

import atexit
import re
from contextlib import ExitStack
from functools import cache
from typing import Any

import html5lib
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from fastapi.testclient import TestClient

from mash import clock
from mash.accounts import sessions
from mash.accounts.users import known_user
from mash.db import Database
from tests.support.telephone import code, time_passes
from web.house import House
from web.visits import SESSION_COOKIE

FROM_HERE = {"sec-fetch-site": "same-origin", "origin": "null"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@cache
def event_loop() -> BlockingPortal:
    """One for all browsers of this process: one for each request takes as long as the request itself."""
    kept = ExitStack()
    atexit.register(kept.close)
    return kept.enter_context(start_blocking_portal())


class Browser:
    """One person's browser. Follows no redirect by itself."""

    def __init__(self, app: FastAPI, *, secure: bool = True) -> None:
        scheme = "https" if secure else "http"
        self.client = TestClient(
            app, base_url=f"{scheme}://front-door.test", follow_redirects=False, raise_server_exceptions=False
        )
        self.client.portal = event_loop()
        self.token = ""
        self.house: House = app.state.house
        self.db: Database = self.house.db

    def get(self, path: str, **options: Any) -> Any:
        """Fetch a page and remember the token of its forms."""
        response = self.client.get(path, **options)
        if found := _TOKEN.search(response.text):
            self.token = found[1]
        return response

    def post(self, path: str, headers: dict[str, str] | None = None, token: str | None = None, **fields: Any) -> Any:
        """Send a form of the page fetched last."""
        fields["csrf_token"] = self.token if token is None else token
        return self.client.post(path, data=fields, headers=FROM_HERE if headers is None else headers)

    def let_in(self, username: str) -> None:
        """As somebody who has signed in already, for whom it is not about that: by the forms it takes five pages."""
        with self.db.transaction() as tx:
            user, now = known_user(tx, username), clock.now()
            token = sessions.begin(tx, user, now, second_factor=True, password_at=now)
        self.client.cookies.set(self.house.cookie(SESSION_COOKIE), token)
        self.get("/try/queue")

    def sign_in(self, username: str, password: str = "", after: str = "/") -> Any:
        """By the forms with a password and a code; without a password, by the demonstration's button."""
        self.get("/sign-in")
        path = "/sign-in" if password else "/sign-in/demo"
        response = self.post(path, username=username, password=password, next=after)
        if response.headers.get("location", "").startswith("/sign-in/code"):
            time_passes(self.db, username)
            self.get(response.headers["location"])
            response = self.post("/sign-in/code", code=code(), next=after)
        if response.status_code == 303:
            self.get("/try/queue")
        return response


def parsed(text: str) -> Any:
    """The page as a tree. Raises ParseError where it is not valid HTML."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
