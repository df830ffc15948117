"""A telephone with an authenticator app: second factors whose codes a test knows."""

from collections.abc import Iterable

import pyotp
from sqlalchemy import select, update

from mash import clock
from mash.accounts.vault import Vault
from mash.db import Database
from mash.models.accounts import User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def enrolled(db: Database, vault: Vault, usernames: Iterable[str] | None = None) -> None:
    """Give these users (all, when none is named) a second factor with a secret that tests know."""
    with db.transaction() as tx:
        for user_id, username in tx.execute(select(User.id, User.username)).all():
            if usernames is None or username in usernames:
                factor = {"totp_secret": vault.locked(user_id, SECRET), "factor_set_at": clock.now()}
                tx.execute(update(User).where(User.id == user_id).values(factor))


def code(secret: str = SECRET, *, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30 + steps)


def time_passes(db: Database, username: str) -> None:
    """As if this user's last code were long ago, so that a test may sign in again at the same instant."""
    with db.transaction() as tx:
        tx.execute(update(User).where(User.username == username.strip().casefold()).values(totp_step=None))
