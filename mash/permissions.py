"""Who may do what? One table, printed by `mash routes` and tested cell by cell. Pure: knows no database and no page."""

from dataclasses import dataclass
from enum import StrEnum

from mash.errors import NotPermitted
from mash.vocabulary import Role, Verb


class Permission(StrEnum):
    """Something that a role may be allowed to do: every verb under its own name, and looking."""

    RECEIVE_CONTACT = Verb.RECEIVE_CONTACT.value
    CLAIM = Verb.CLAIM.value
    RELEASE = Verb.RELEASE.value
    HAND_TO = Verb.HAND_TO.value
    TAKE_ALERT = Verb.TAKE_ALERT.value
    ADD_NOTE = Verb.ADD_NOTE.value
    ADD_FACTS = Verb.ADD_FACTS.value
    RECORD_AGREEMENT = Verb.RECORD_AGREEMENT.value
    ACKNOWLEDGE = Verb.ACKNOWLEDGE.value
    ACCEPT_HANDOVER = Verb.ACCEPT_HANDOVER.value
    CONFIRM_READ = Verb.CONFIRM_READ.value
    START_SCREENING = Verb.START_SCREENING.value
    RATE_CONTACT = Verb.RATE_CONTACT.value
    REQUEST_INFORMATION = Verb.REQUEST_INFORMATION.value
    RETURN_INFORMATION = Verb.RETURN_INFORMATION.value
    PROCEED_WITHOUT = Verb.PROCEED_WITHOUT.value
    RECORD_DECISION = Verb.RECORD_DECISION.value
    WITHDRAW_DECISION = Verb.WITHDRAW_DECISION.value
    SIGN_OFF = Verb.SIGN_OFF.value
    GIVE_FEEDBACK = Verb.GIVE_FEEDBACK.value
    RECORD_EVENT = Verb.RECORD_EVENT.value
    PAUSE_CLOCK = Verb.PAUSE_CLOCK.value
    RESUME_CLOCK = Verb.RESUME_CLOCK.value
    LIFT_DEADLINE = Verb.LIFT_DEADLINE.value
    ANNUL_BREACH = Verb.ANNUL_BREACH.value
    RETURN_TO_REFERRER = Verb.RETURN_TO_REFERRER.value
    RESUBMIT = Verb.RESUBMIT.value
    TRANSFER_OUT = Verb.TRANSFER_OUT.value
    TRANSFER_ACCEPTED = Verb.TRANSFER_ACCEPTED.value
    TRANSFER_REFUSED = Verb.TRANSFER_REFUSED.value
    REOPEN = Verb.REOPEN.value
    CLOSE = Verb.CLOSE.value
    ANNOUNCE_BANK_HOLIDAY = Verb.ANNOUNCE_BANK_HOLIDAY.value
    VIEW_QUEUE = "view_queue"
    VIEW_CONTACT = "view_contact"
    VIEW_ALERTS = "view_alerts"
    VIEW_SOURCES = "view_sources"
    NOTE_SILENCE = "note_silence"
    VIEW_DESK = "view_desk"
    SHOW_ON_WALL = "show_on_wall"
    VIEW_RULES = "view_rules"
    COMPARE_RULES = "compare_rules"
    CHANGE_RULES = "change_rules"
    OWN_SESSION = "own_session"
    OWN_ACCOUNT = "own_account"
    MANAGE_USERS = "manage_users"
    VIEW_SESSIONS = "view_sessions"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: a user in one role, in one borough, for an agency's desk or for the hub (desk None)."""

    user_id: str
    name: str
    role: Role
    borough: str
    desk: str | None = None

    @property
    def is_desk(self) -> bool:
        """Acts for an agency from afar, and sees only what it is asked or gave."""
        return self.role is Role.DESK

    @property
    def title(self) -> str:
        """The role in words, with the agency of a desk."""
        return f"{self.role.label}, {self.desk}" if self.desk else self.role.label


P = Permission
_OWN = {P.OWN_SESSION, P.OWN_ACCOUNT}
_LOOKING = {P.VIEW_QUEUE, P.VIEW_CONTACT, P.VIEW_ALERTS, P.VIEW_SOURCES, P.VIEW_RULES} | _OWN
_CONTACT_OFFICER = {
    P.RECEIVE_CONTACT,
    P.CLAIM,
    P.RELEASE,
    P.HAND_TO,
    P.ADD_NOTE,
    P.ADD_FACTS,
    P.RECORD_AGREEMENT,
    P.ACKNOWLEDGE,
    P.RETURN_INFORMATION,
    P.GIVE_FEEDBACK,
    P.RESUBMIT,
}
_SCREENER = _CONTACT_OFFICER | {
    P.ACCEPT_HANDOVER,
    P.CONFIRM_READ,
    P.START_SCREENING,
    P.RATE_CONTACT,
    P.REQUEST_INFORMATION,
    P.RECORD_EVENT,
    P.RESUME_CLOCK,
    P.REOPEN,
    P.CLOSE,
}
_DECISION_MAKER = _SCREENER | {
    P.PROCEED_WITHOUT,
    P.RECORD_DECISION,
    P.WITHDRAW_DECISION,
    P.SIGN_OFF,
    P.RETURN_TO_REFERRER,
    P.PAUSE_CLOCK,
    P.LIFT_DEADLINE,
    P.TAKE_ALERT,
    P.TRANSFER_OUT,
    P.TRANSFER_ACCEPTED,
    P.TRANSFER_REFUSED,
    P.COMPARE_RULES,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CONTACT_OFFICER: frozenset(_CONTACT_OFFICER | _LOOKING),
    Role.SCREENER: frozenset(_SCREENER | _LOOKING),
    Role.DECISION_MAKER: frozenset(_DECISION_MAKER | _LOOKING),
    Role.EDT: frozenset((_DECISION_MAKER - {P.ACCEPT_HANDOVER, P.SIGN_OFF, P.COMPARE_RULES}) | _LOOKING),
    Role.SERVICE_MANAGER: frozenset(
        _DECISION_MAKER | {P.ANNUL_BREACH, P.ANNOUNCE_BANK_HOLIDAY, P.SHOW_ON_WALL, P.NOTE_SILENCE} | _LOOKING
    ),
    Role.DESK: frozenset({P.RETURN_INFORMATION, P.RECEIVE_CONTACT, P.ADD_FACTS, P.VIEW_DESK} | _OWN),
    Role.ADMINISTRATOR: frozenset(
        {P.MANAGE_USERS, P.VIEW_SESSIONS, P.VIEW_SOURCES, P.VIEW_RULES, P.COMPARE_RULES, P.CHANGE_RULES} | _OWN
    ),
    Role.SYSTEM: frozenset({P.RECEIVE_CONTACT, P.ACKNOWLEDGE, P.RESUBMIT, P.ANNOUNCE_BANK_HOLIDAY}),
}
"""Source: replay format, section 2. From screener up these are registered social workers. The administrator is ours,
sees who works here and by which rules, and nothing of whom they work for.
"""

FOR_REGISTERED = frozenset(role for role, may in PERMISSIONS.items() if may & {P.RATE_CONTACT, P.RECORD_DECISION})
"""Roles that rate or decide: for registered social workers only."""

MAY_PUT_BACK_ANOTHER_S = frozenset({Role.DECISION_MAKER, Role.SERVICE_MANAGER})
"""Who may put back, or hand on, what somebody else has: people are ill, and their contacts are not."""

MAY_DISPENSE_WITH_AGREEMENT = frozenset({Role.DECISION_MAKER, Role.EDT, Role.SERVICE_MANAGER})


def allowed(actor: Actor, permission: Permission | Verb) -> bool:
    """Whether the actor's role has the permission."""
    return Permission(permission.value) in PERMISSIONS[actor.role]


def require(actor: Actor, permission: Permission | Verb) -> None:
    """Raises NotPermitted, in words, where the actor's role lacks the permission."""
    if not allowed(actor, permission):
        what = permission.label if isinstance(permission, Verb) else permission.value.replace("_", " ").capitalize()
        raise NotPermitted(f"{what}: your role ({actor.title}) may not do this.")
