"""What does every request share? Settings, database, office, templates and the signer of forms, made once at start."""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from itsdangerous import Signer
from jinja2 import Environment

from mash import clock, drafts, migrate
from mash.accounts import second_factor
from mash.accounts.purpose import is_demo_database
from mash.accounts.vault import Vault
from mash.comparing.apart import Apart
from mash.db import Database
from mash.errors import Unsafe
from mash.messages import seen
from mash.metrics import metrics
from mash.permissions import TOLD_OF_TROUBLE, Actor
from mash.rulebook import Rulebook
from mash.rules.ruleset import RuleSet
from mash.settings import Settings
from mash.workflow.clockwork import Clockwork, clockwork
from mash.workflow.write import Office
from web.identity import Identity, identity
from web.pages import environment
from web.words import Language, language


@dataclass(frozen=True)
class House:
    """One running installation, as the web sees it."""

    settings: Settings
    db: Database
    demo: bool
    office: Office
    templates: Environment
    signer: Signer
    identity: Identity
    vault: Vault
    language: Language
    comparisons: Apart

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https: always, but in a demonstration that says otherwise."""
        return not self.settings.insecure_http

    def cookie(self, name: str) -> str:
        """The full name of one of our cookies. With https a browser holds it to this host, this path and https."""
        return f"__Host-{name}" if self.secure else name

    def form_token(self, bound_to: str) -> str:
        """The token that a form carries: good for this session only.

        New on each page, so that how well a page compresses tells nobody the token.
        """
        salt = secrets.token_urlsafe(9)
        return f"{salt}.{self.signer.get_signature(f'{bound_to}.{salt}').decode()}"

    def is_form_token(self, token: str, bound_to: str) -> bool:
        """Whether the token was made for this session."""
        salt, _, signature = token.partition(".")
        return self.signer.verify_signature(f"{bound_to}.{salt}", signature)

    def clockwork(self) -> Clockwork:
        """How the clockwork stands now."""
        with self.db.reading() as look:
            return clockwork(look, self.settings.sweep_stale_seconds)

    def around(self, person: Actor) -> dict[str, Any]:
        """What every page says to somebody who is signed in, besides what it is about. One reading."""
        now = clock.now()
        with self.db.reading() as look:
            return {
                "begun": drafts.count(look, person),
                "borough_title": self.office.rulebook.title(look, person.borough, clock.london_date(now)),
                "troubles": clockwork(look, self.settings.sweep_stale_seconds).troubles,
                "unsent_messages": seen.trouble_in(look, now) if person.role in TOLD_OF_TROUBLE else None,
            }

    def metrics(self) -> str:
        """The figures of now, for a machine that watches."""
        return metrics(self.db, self.settings.sweep_stale_seconds)

    def rules(self, borough: str) -> RuleSet:
        """The rules of a borough that are in force today. Raises Refused where there are none."""
        with self.db.reading() as look:
            return self.office.rulebook.in_force(look, borough, clock.london_date(clock.now()))

    def coming_rules(self, borough: str) -> list[RuleSet]:
        """The rules of a borough that are known and not in force yet, the first to come first."""
        with self.db.reading() as look:
            return self.office.rulebook.coming(look, borough, clock.london_date(clock.now()))

    def borough_title(self, borough: str) -> str:
        """The name of a borough in words; without rules in force, its code."""
        with self.db.reading() as look:
            return self.office.rulebook.title(look, borough, clock.london_date(clock.now()))


def furnish(settings: Settings, db: Database) -> House:
    """The house over this database. Raises Unsafe where it must not be opened like this."""
    migrate.fit_to_run(db)
    demo = is_demo_database(db)
    if settings.insecure_http and not demo:
        raise Unsafe("MASH_INSECURE_HTTP is for demonstrations only: real sessions travel by https alone.")
    key = settings.signing_key(demo=demo)
    signer = Signer(key, salt="mash.form", key_derivation="hmac", digest_method=sha256)
    vault = Vault(settings.factor_key(demo=demo))
    second_factor.check_readable(db, vault)
    own = identity(settings.config)
    spoken = language(settings.language, settings.config / "locale")
    templates = environment(spoken)
    templates.globals["house"] = own
    return House(settings, db, demo, Office(db, Rulebook()), templates, signer, own, vault, spoken, Apart())
