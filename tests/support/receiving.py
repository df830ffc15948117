"""Who receives what goes out, in a test: a real mail server and a real web server, in whatever mood the test sets."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from sqlalchemy import update

from mash.db import Database
from mash.messages.mail import KEY_HEADER, Mail, Security
from mash.models.accounts import User

PUBLIC_URL = "https://front-door.council.example"


@dataclass
class MailServer:
    """What it took, and how it behaves: `accepts`, `refuses` an address for good or `later`, `denies` to relay for
    anybody, `hangs`, `dies` once it has taken a mail and before it says so. `unknown` are addresses that it refuses in
    any mood, `replies` what it says to others.
    """

    port: int
    mood: str = "accepts"
    taken: list[Message] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    replies: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mood == "refuses" or address in self.unknown:
            return "550 5.1.1 No such mailbox"
        if self.mood == "denies":
            return "554 5.7.1 Relay access denied"
        if address in self.replies:
            return self.replies[address]
        if self.mood == "later":
            return "451 4.2.1 Mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.mood == "hangs":
            await asyncio.sleep(3600)
        assert isinstance(envelope.content, bytes)
        self.taken.append(message_from_bytes(envelope.content, policy=default))
        if self.mood == "dies":
            server.transport.abort()
        return "250 OK"

    def mail(self, **more: Any) -> Mail:
        """How the front door would be set up to send through it."""
        settings = {"host": "127.0.0.1", "port": self.port, "security": Security.NONE, "user": None, "password": None}
        return Mail(**{**settings, "sender": "door@council.example", "public_url": PUBLIC_URL, **more})  # type: ignore[arg-type]

    @property
    def keys(self) -> list[str]:
        """The keys of what it took, in order."""
        return [mail[KEY_HEADER] for mail in self.taken]

    @property
    def recipients(self) -> list[str]:
        """To whom what it took was, in order."""
        return [mail["To"] for mail in self.taken]


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """A mail server on this machine until the block ends."""
    server = MailServer(_free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def signs_in(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    """Whoever knows the password."""
    return AuthResult(success=(given.login, given.password) == (b"door", b"open sesame"), handled=False)


@dataclass
class HookServer:
    """What was posted to it: headers and body; and what it answers, and of what it is told that it cannot take."""

    port: int
    answers: int = 204
    unwanted: str | None = None
    posted: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/alerts?from=mash"


@contextmanager
def hook_server() -> Iterator[HookServer]:
    """A receiver of webhooks on this machine until the block ends."""
    hook = HookServer(_free_port())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hook.posted.append(({name.lower(): value for name, value in self.headers.items()}, body))
            unwanted = hook.unwanted is not None and hook.unwanted.encode() in body
            self.send_response(422 if unwanted else hook.answers)
            self.send_header("location", f"http://127.0.0.1:{hook.port}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", hook.port), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def dripping_server() -> Iterator[int]:
    """The port of a server that answers a letter at a time and never comes to an end."""
    over = Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            line, _ = listening.accept()
            with line:
                while not over.wait(0.02):
                    try:
                        line.send(b"2")
                    except OSError:
                        return

        Thread(target=drip, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()


def with_addresses(db: Database, *but: str) -> None:
    """Everybody has an e-mail address, `who@council.example`, but for some."""
    with db.transaction() as tx:
        tx.execute(update(User).values(email=User.username + "@council.example"))
        tx.execute(update(User).where(User.username.in_(but)).values(email=None))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
