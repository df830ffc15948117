"""Is this the password, and may it be one? Hashes and what a password must be. Knows no session."""

import secrets
import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection

from mash.accounts.purpose import is_demo

SHORTEST = 15

_hasher = PasswordHasher()
_few_at_once = BoundedSemaphore(2)  # each check takes 64 MiB: a crowd at the door must not use up the machine


def canonical(name: str) -> str:
    """The one way in which a username is compared."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def hashed(password: str) -> str:
    """The password as it is stored: Argon2id with a salt of its own."""
    with _few_at_once:
        return _hasher.hash(unicodedata.normalize("NFKC", password))


@cache
def _hash_of_nobody() -> str:
    return hashed(secrets.token_urlsafe())


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Without one it never is, and that takes as long to say."""
    known, nobody = password_hash, _hash_of_nobody()
    with _few_at_once:
        try:
            _hasher.verify(known or nobody, unicodedata.normalize("NFKC", password))
        except VerificationError:
            return False
    return known is not None


def wrong_with(connection: Connection, username: str, password: str) -> list[str]:
    """Every reason why this cannot be the password of that user. A demonstration takes short ones."""
    wrong = {
        f"The password needs at least {SHORTEST} characters. Three or four words make a good one.": (
            len(password) < SHORTEST and not is_demo(connection)
        ),
        "The password is empty.": not password,
        "The password must not be the username.": bool(password) and canonical(password) == canonical(username),
    }
    return [reason for reason, is_wrong in wrong.items() if is_wrong]
