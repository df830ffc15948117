"""Which moments can come under these rules, and which can still come after another? Pure: knows no contact.

Read off the table of stages. It allows rather too much (a table does not know every refusal), so that what it says can
never come can never come.
"""

from collections.abc import Collection, Iterable
from functools import cached_property

from mash.permissions import PERMISSIONS, Permission
from mash.rules.clockrules import Moment
from mash.rules.ruleset import RuleSet
from mash.vocabulary import Role, State, Verb
from mash.workflow import states
from mash.workflow.states import NEW, TRANSITIONS, Transition

BRINGS: dict[Moment, tuple[Verb, ...]] = {
    Moment.RECEIPT: (Verb.RECEIVE_CONTACT,),
    Moment.ACKNOWLEDGED: (Verb.ACKNOWLEDGE,),
    Moment.SCREENING_STARTED: (Verb.START_SCREENING,),
    Moment.RATED: (Verb.RATE_CONTACT,),
    Moment.HANDOVER_ACCEPTED: (Verb.ACCEPT_HANDOVER,),
    Moment.READING_CONFIRMED: (Verb.CONFIRM_READ,),
    Moment.AGENCY_ASKED: (Verb.REQUEST_INFORMATION,),
    Moment.AGENCY_REPLIED: (Verb.RETURN_INFORMATION,),
    Moment.DECISION_RECORDED: (Verb.RECORD_DECISION,),
    Moment.DECISION_STANDS: (Verb.RECORD_DECISION, Verb.SIGN_OFF),
    Moment.SIGNED_OFF: (Verb.SIGN_OFF,),
    Moment.REFERRER_TOLD: (Verb.GIVE_FEEDBACK,),
    Moment.TRANSFER_ACCEPTED: (Verb.TRANSFER_ACCEPTED,),
    Moment.RETURNED: (Verb.RETURN_TO_REFERRER,),
    Moment.RESUBMITTED: (Verb.RESUBMIT,),
    Moment.REOPENED: (Verb.REOPEN, Verb.ADD_FACTS),
    Moment.CLOSED: (Verb.CLOSE,),
}
"""The acts that bring each moment. An event of the rule set is brought by recording it."""

ROUNDABOUT = frozenset({Verb.RETURN_TO_REFERRER, Verb.TRANSFER_OUT, Verb.REOPEN, Verb.ADD_FACTS})
"""Acts by which a contact begins anew, further facts among them: nobody does one of these to stop a clock."""


def brings(moment: str) -> tuple[Verb, ...]:
    """The acts that bring a moment, or an event."""
    return BRINGS[Moment(moment)] if moment in set(Moment) else (Verb.RECORD_EVENT,)


def may_do(rules: RuleSet, role: Role, verb: Verb) -> bool:
    """Whether the program lets the role do it, and these rules leave it to the role."""
    return Permission(verb.value) in PERMISSIONS[role] and rules.lets(role, verb)


class Course:
    """What can happen to a contact under one rule set."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        needed = [(o, rules.oversight_needed({code}, c)) for code, o in rules.outcomes.items() for c in rules.colours]
        self.oversight, self.without_oversight = any(n for _, n in needed), not all(n for _, n in needed)
        self.at_once = any(outcome.stands_at_once for outcome, needs in needed if needs)
        self.signed_first = any(not outcome.stands_at_once for outcome, needs in needed if needs)
        self.may_ask = bool(rules.agencies) and (
            rules.sharing.before_rating or not all(colour.asks_nobody for colour in rules.colours.values())
        )
        self.closes_early = any(kind.may_close_early for kind in rules.kinds.values())
        self.edt_receives = may_do(rules, Role.EDT, Verb.RECEIVE_CONTACT)

    def can_come(self, moment: str) -> bool:
        """Whether it can ever come."""
        return any(t.verb in brings(moment) and self._is_it(t, moment) for t in self._reached)

    def lands(self, moment: str) -> set[str]:
        """The stages in which it can leave a contact."""
        return {t.dest for t in self._reached if t.verb in brings(moment) and self._is_it(t, moment)}

    def can_follow(self, stages: Iterable[str], moment: str, *, roundabout: bool = True) -> bool:
        """Whether it can come to a contact at one of these stages, now or later on.

        Without `roundabout` the contact is not sent back, transferred or reopened on the way, by new facts neither.
        """
        known = self._from(stages, () if roundabout else ROUNDABOUT)
        return any(t.source in known and t.verb in brings(moment) and self._is_it(t, moment) for t in self._possible)

    def _from(self, stages: Iterable[str], without: Collection[Verb]) -> set[str]:
        known, left = set[str](), list(stages)
        while left:
            stage = left.pop()
            known.add(stage)
            left += {t.dest for t in self._possible if t.source == stage and t.verb not in without} - known
        return known

    @cached_property
    def _reached(self) -> tuple[Transition, ...]:
        known = self._from([NEW], ())
        return tuple(t for t in self._possible if t.source in known)

    @cached_property
    def _possible(self) -> tuple[Transition, ...]:
        return tuple(t for t in TRANSITIONS if self._allows(t))

    def _allows(self, t: Transition) -> bool:
        """Whether these rules leave a way to do this."""
        routed: dict[states.Routing, bool] = {
            states.passed_on: self.rules.open_cases.pass_on,
            states.needs_oversight: self.oversight,
            states.needs_no_oversight: self.without_oversight,
            states.awaiting_reply: self.may_ask,
        }
        if not all(routed.get(route, True) for route in t.when):
            return False
        if t.verb is Verb.REQUEST_INFORMATION:
            return self.may_ask
        if t.verb is Verb.ACCEPT_HANDOVER:
            return self.edt_receives
        if t.verb is Verb.CLOSE and t.source in (State.RECEIVED, State.SCREENING):
            return self.closes_early
        return any(may_do(self.rules, role, t.verb) for role in Role)

    def _is_it(self, t: Transition, moment: str) -> bool:
        """Whether the act, done there, is the moment: a rating is the first, or the first since it was reopened."""
        if moment == Moment.RATED:
            return t.source == State.SCREENING
        if moment == Moment.AGENCY_REPLIED:
            return self.may_ask
        if moment == Moment.REOPENED and t.verb is Verb.ADD_FACTS:
            return states.needs_hub in t.when
        if moment == Moment.DECISION_STANDS:
            return t.dest == State.DECIDED or (self.at_once and t.dest == State.AWAITING_SIGN_OFF)
        return True
