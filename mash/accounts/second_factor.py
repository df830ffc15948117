"""Has this person the second factor with them? One-time codes by time (RFC 6238), and recovery codes on paper.

A code is good for its 30 seconds and the step before and after, and works once. Recovery codes have 118 bits each, so
that a plain hash keeps them; they need no key, so that they also work if the secret key is lost.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from mash import audit
from mash.accounts.vault import Vault
from mash.db import Database
from mash.errors import Unsafe
from mash.models.accounts import RecoveryCode, User
from mash.permissions import Actor

STEP_SECONDS = 30
RECOVERY_CODES = 10
ISSUER = "Front door"
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without what reads alike on paper
_LETTERS, _GROUP = 24, 4


@dataclass(frozen=True)
class SetUp:
    """A second factor that is being set up: the key as people type it, and the address that its QR code holds."""

    key: str
    address: str


@dataclass(frozen=True)
class State:
    """How a user's second factor stands."""

    set_at: datetime | None
    reset_at: datetime | None
    codes_left: int


def new_secret(vault: Vault, user_id: str) -> str:
    """A new secret, locked."""
    return vault.locked(user_id, pyotp.random_base32())


def set_up(vault: Vault, user_id: str, username: str, locked: str) -> SetUp:
    """What an authenticator app needs to know of a secret."""
    secret = vault.unlocked(user_id, locked)
    address = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)
    return SetUp(" ".join(secret[n : n + 4] for n in range(0, len(secret), 4)), address)


def step_of(vault: Vault, user_id: str, locked: str, code: str, at: datetime) -> int | None:
    """To which step the code belongs: now, the one before or the one after. None where it is no code of this secret."""
    totp, digits, found = pyotp.TOTP(vault.unlocked(user_id, locked)), re.sub(r"\s", "", code), None
    now = int(at.timestamp()) // STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            found = step
    return found


def use_code(connection: Connection, vault: Vault, user: Row[tuple[object, ...]], code: str, at: datetime) -> bool:
    """Whether this is a code of the user's that was not used before; it is used now."""
    step = step_of(vault, user.id, user.totp_secret, code, at) if user.totp_secret else None
    if step is None:
        return False
    unused = or_(User.totp_step.is_(None), User.totp_step < step)
    used = update(User).where(User.id == user.id, unused).values(totp_step=step)
    return connection.execute(used).rowcount == 1


def use_recovery_code(connection: Connection, user_id: str, code: str, at: datetime) -> bool:
    """Whether this is a recovery code of the user's that was not used before; it is used now."""
    same = (RecoveryCode.code_hash == _hashed(code)) & (RecoveryCode.user_id == user_id)
    used = update(RecoveryCode).where(same, RecoveryCode.used_at.is_(None)).values(used_at=at)
    return connection.execute(used).rowcount == 1


def keep(connection: Connection, user_id: str, locked: str, step: int, at: datetime) -> list[str]:
    """This is the user's second factor from now on. Returns new recovery codes, which nobody can read again."""
    factor = {"totp_secret": locked, "totp_step": step, "factor_set_at": at}
    connection.execute(update(User).where(User.id == user_id).values(factor))
    audit.record(connection, audit.SYSTEM, at=at, action="second_factor_set", facts={"user_id": user_id})
    return new_recovery_codes(connection, user_id, at)


def new_recovery_codes(connection: Connection, user_id: str, at: datetime) -> list[str]:
    """Ten new recovery codes, which nobody can read again. Those from before are worth nothing."""
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    connection.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    rows = [{"code_hash": _hashed(code), "user_id": user_id, "made_at": at, "used_at": None} for code in codes]
    connection.execute(insert(RecoveryCode), rows)
    audit.record(connection, audit.SYSTEM, at=at, action="recovery_codes_made", facts={"user_id": user_id})
    return codes


def forget(connection: Connection, user_id: str, at: datetime, by: Actor | None) -> None:
    """The user has no second factor any more, and must set one up before anything else."""
    nothing = {"totp_secret": None, "totp_step": None, "factor_set_at": None, "factor_reset_at": at}
    connection.execute(update(User).where(User.id == user_id).values(nothing))
    connection.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    facts = {"user_id": user_id}
    audit.record(connection, audit.SYSTEM, at=at, action="second_factor_reset", actor=by, facts=facts)


def state_of(connection: Connection, user_id: str) -> State:
    """How it stands with this user."""
    unused = (RecoveryCode.user_id == user_id) & RecoveryCode.used_at.is_(None)
    left = connection.execute(select(func.count()).select_from(RecoveryCode).where(unused)).scalar_one()
    query = select(User.factor_set_at, User.factor_reset_at).where(User.id == user_id)
    return State(*connection.execute(query).one(), codes_left=left)


def unreadable(db: Database, vault: Vault) -> list[str]:
    """Ids of the users whose second factor was stored with another key."""
    query = select(User.id, User.totp_secret).where(User.totp_secret.is_not(None)).order_by(User.id)
    with db.reading() as connection:
        kept = [(user_id, str(locked)) for user_id, locked in connection.execute(query)]
    return [user_id for user_id, locked in kept if not vault.can_unlock(user_id, locked)]


def check_readable(db: Database, vault: Vault) -> None:
    """Raises Unsafe, with the remedy, where a second factor was stored with another key."""
    if lost := unreadable(db, vault):
        raise Unsafe(
            f"MASH_SECRET_KEY is not the key with which the second factors of {len(lost)} users were stored.",
            "Put the former key back. If it is lost, `mash users forget-lost-factors` removes what cannot be read: "
            "these people set up a new second factor when they next sign in.",
        )


def _new_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
    return "-".join(letters[n : n + _GROUP] for n in range(0, _LETTERS, _GROUP))


def _hashed(code: str) -> str:
    return hashlib.sha256(re.sub(r"[\s-]", "", code).casefold().encode()).hexdigest()
