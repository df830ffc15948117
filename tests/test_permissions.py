"""Who may do what is what the replay format says, cell by cell."""

import pytest

from mash.errors import NotPermitted
from mash.permissions import FOR_REGISTERED, PERMISSIONS, Actor, Permission, allowed, require
from mash.vocabulary import Role, Verb

OFFICER = (
    "receive_contact add_facts record_agreement acknowledge return_information give_feedback resubmit "
    "claim release hand_to add_note"
)
SCREENER = (
    f"{OFFICER} accept_handover confirm_read start_screening rate_contact request_information record_event "
    "resume_clock reopen close"
)
DECIDER = (
    f"{SCREENER} proceed_without record_decision withdraw_decision sign_off return_to_referrer pause_clock "
    "lift_deadline take_alert "
    "transfer_out transfer_accepted transfer_refused"
)
MAY = {
    Role.CONTACT_OFFICER: OFFICER,
    Role.SCREENER: SCREENER,
    Role.DECISION_MAKER: DECIDER,
    Role.EDT: DECIDER.replace("accept_handover ", "").replace("sign_off ", ""),
    Role.SERVICE_MANAGER: f"{DECIDER} annul_breach announce_bank_holiday",
    Role.DESK: "return_information receive_contact add_facts",
    Role.ADMINISTRATOR: "",
    Role.SYSTEM: "receive_contact acknowledge resubmit announce_bank_holiday",
}
"""The table of the replay format, section 2, typed from its text; what has no line there is ours."""


def somebody(role: Role) -> Actor:
    return Actor("u", "Somebody", role, "northbridge", "police" if role is Role.DESK else None)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("verb", list(Verb))
def test_a_role_may_do_what_the_format_says_and_no_more(role: Role, verb: Verb) -> None:
    assert allowed(somebody(role), verb) == (verb.value in MAY[role].split())


@pytest.mark.parametrize("verb", list(Verb))
def test_every_verb_has_a_permission_of_its_own_name(verb: Verb) -> None:
    assert Permission(verb.value).value == verb.value


def test_a_desk_never_looks_at_the_hub_and_the_hub_never_acts_as_a_desk() -> None:
    hub = {Permission.VIEW_QUEUE, Permission.VIEW_CONTACT, Permission.VIEW_ALERTS}
    assert not hub & PERMISSIONS[Role.DESK]
    assert [role for role in Role if Permission.VIEW_DESK in PERMISSIONS[role]] == [Role.DESK]


def test_an_administrator_sees_who_works_here_and_nothing_of_whom_they_work_for() -> None:
    own = {Permission.OWN_SESSION, Permission.OWN_ACCOUNT}
    theirs = {Permission.MANAGE_USERS, Permission.VIEW_SESSIONS, Permission.CHANGE_RULES}
    rules = {Permission.VIEW_RULES, Permission.COMPARE_RULES}
    assert PERMISSIONS[Role.ADMINISTRATOR] == own | theirs | rules | {Permission.VIEW_SOURCES}
    for role in set(Role) - {Role.ADMINISTRATOR, Role.SYSTEM}:
        assert own <= PERMISSIONS[role] and not theirs & PERMISSIONS[role]


def test_who_answers_for_the_rules_may_compare_them() -> None:
    may = {role for role in Role if Permission.COMPARE_RULES in PERMISSIONS[role]}
    assert may == {Role.DECISION_MAKER, Role.SERVICE_MANAGER, Role.ADMINISTRATOR}


def test_from_screener_up_roles_are_for_registered_social_workers() -> None:
    assert {Role.SCREENER, Role.DECISION_MAKER, Role.EDT, Role.SERVICE_MANAGER} == FOR_REGISTERED


def test_a_refusal_names_the_act_and_the_role() -> None:
    with pytest.raises(NotPermitted, match=r"Record the decision: your role \(Screener\) may not do this"):
        require(somebody(Role.SCREENER), Verb.RECORD_DECISION)
