"""Through what do messages go out here? Carriers from the settings, and since when each is set up, on record."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, select, update

from mash.accounts.users import wrong_with_address
from mash.db import Database, right_time
from mash.errors import Unsafe
from mash.messages.mail import PORTS, Mail, Security
from mash.messages.sending import Send
from mash.messages.webhook import Webhook, secret_of
from mash.models.messages import CarrierState, Message
from mash.settings import Settings
from mash.vocabulary import Carrier, Ending

Carriers = Mapping[Carrier, Send]


def carriers(settings: Settings, *, demo: bool) -> Carriers:
    """What the settings name; nothing where they name none. Raises Unsafe with every reason why they cannot be used."""
    wrong = list(_wrong(settings, demo=demo))
    if wrong:
        raise Unsafe(*wrong)
    found: dict[Carrier, Send] = {}
    if settings.smtp_host is not None:
        found[Carrier.EMAIL] = _mail(settings)
    if settings.webhook_url is not None:
        key = secret_of(_read(settings.webhook_secret_file, "MASH_WEBHOOK_SECRET_FILE"))
        found[Carrier.WEBHOOK] = Webhook(settings.webhook_url, key, _public(settings))
    return found


def _wrong(settings: Settings, *, demo: bool) -> Iterator[str]:
    schemes = ("https", "http") if demo else ("https",)
    mails, hooks = settings.smtp_host is not None, settings.webhook_url is not None
    signs_in, plain = settings.smtp_user is not None, _security(settings) is Security.NONE
    public, hook = urlsplit(settings.public_url or ""), urlsplit(settings.webhook_url or "")
    wrong = {
        "MASH_PUBLIC_URL is missing or not https: messages hold links. Set it to what people type, https://…": (
            (mails or hooks) and (public.scheme not in schemes or not public.hostname)
        ),
        "MASH_MAIL_FROM is missing or no e-mail address: say from whom mails come.": (
            mails and bool(settings.mail_from is None or wrong_with_address(settings.mail_from))
        ),
        "MASH_SMTP_USER is set without MASH_SMTP_PASSWORD_FILE: name the file that holds the password.": (
            mails and signs_in and settings.smtp_password_file is None
        ),
        "MASH_SMTP_SECURITY is none: a password would travel for all to read. Use starttls or tls.": (
            mails and signs_in and plain and not demo
        ),
        "MASH_WEBHOOK_URL is not an address that begins with https://.": (
            hooks and (hook.scheme not in schemes or not hook.hostname)
        ),
        "MASH_WEBHOOK_URL is set without MASH_WEBHOOK_SECRET_FILE: name the file that holds the secret.": (
            hooks and settings.webhook_secret_file is None
        ),
    }
    return (sentence for sentence, holds in wrong.items() if holds)


def _mail(settings: Settings) -> Mail:
    security, password = _security(settings), None
    if settings.smtp_user is not None:
        password = _read(settings.smtp_password_file, "MASH_SMTP_PASSWORD_FILE")
    return Mail(
        host=settings.smtp_host or "",
        port=settings.smtp_port or PORTS[security],
        security=security,
        user=settings.smtp_user,
        password=password,
        sender=settings.mail_from or "",
        public_url=_public(settings),
    )


def _security(settings: Settings) -> Security:
    return Security(settings.smtp_security)


def _public(settings: Settings) -> str:
    return (settings.public_url or "").rstrip("/")


def _read(file: Path | None, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8").strip() if file else ""
    except OSError:
        raise Unsafe(f"{name}: {file} cannot be read. Check the name and who may read it.") from None


def set_up(db: Database, found: Carriers) -> None:
    """Note that each is there from now on: alerts of before are not sent. What waits for one that is gone has failed.

    Now is by the clock that times alerts too, so that none falls between the two.
    """
    with db.transaction() as tx:
        now = right_time(tx)
        known = set(tx.execute(select(CarrierState.name)).scalars())
        gone = Message.carrier.not_in([carrier.value for carrier in found])
        for carrier in found:
            if carrier.value not in known:
                tx.execute(insert(CarrierState).values(name=carrier.value, since=now))
        tx.execute(delete(CarrierState).where(CarrierState.name.not_in([carrier.value for carrier in found])))
        ended = {"ending": Ending.FAILED, "ended_at": now, "error": "What should carry it is no longer set up."}
        tx.execute(update(Message).where(gone, Message.ending.is_(None)).values(ended))
