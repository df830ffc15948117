"""Whom is an alert for? The one definition, for messages, the page of alerts and the doctor. Pure.

Who answers for it hears of it. While nobody does, it climbs: whoever has the contact, then the people of the role that
the rung of the ladder names, or else of the role that has to act. An alert never has nobody: where none of them is
there it falls to the service managers, and then to the administrators.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mash.accounts.colleagues import Colleague
from mash.rules.clockrules import Owner
from mash.vocabulary import AlertKind, Role

_FALLS_TO = (Role.SERVICE_MANAGER, Role.ADMINISTRATOR)
_WHO_ACTS = {
    Owner.HUB: Role.DECISION_MAKER,
    Owner.AGENCY: Role.DECISION_MAKER,
    Owner.REFERRER: Role.DECISION_MAKER,
    Owner.MANAGER: Role.SERVICE_MANAGER,
    Owner.EDT: Role.EDT,
}
"""Who hears of a deadline of this owner where the ladder names nobody. Agencies and referrers are chased by the hub."""


@dataclass(frozen=True)
class Told:
    """An alert as far as it matters whom it is for: what, whose deadline, whom its rung names, who has it in hand."""

    kind: AlertKind
    owner: Owner
    for_role: Role | None
    taken_by: str | None
    held_by: str | None

    @property
    def role(self) -> Role:
        """The role that it is for while nobody answers for it. An escalation that names none is for the managers."""
        climbs = self.kind is AlertKind.ESCALATION
        return self.for_role or (Role.SERVICE_MANAGER if climbs else _WHO_ACTS[self.owner])


@dataclass(frozen=True)
class Audience:
    """The people whom an alert is for. `instead_of`: the role that it was for, where nobody in it is there.

    `is_unheard`: nobody else was there either. Whoever has the contact may be told, but it has climbed to nobody.
    """

    people: tuple[Colleague, ...]
    instead_of: Role | None = None
    is_unheard: bool = False

    @property
    def words(self) -> str:
        """`Dana Field`, `the service managers`: who they are, in a few words."""
        if len(self.people) <= 1:
            return next((one.name for one in self.people), "nobody")
        if len(self.people) == 2:
            return " and ".join(one.name for one in self.people)
        return " and ".join(dict.fromkeys(_everybody_in(one.role) for one in self.people))


def audience(told: Told, there: Sequence[Colleague]) -> Audience:
    """Of those who are there, whom the alert is for."""
    if taker := [one for one in there if one.id == told.taken_by]:
        return Audience(tuple(taker))
    holder = [one for one in there if one.id == told.held_by]
    if holder and told.for_role is None and told.kind is not AlertKind.ESCALATION:
        return Audience(tuple(holder))
    of_role = _of(told.role, there)
    if of_role:
        return Audience(tuple(dict.fromkeys((*holder, *of_role))))
    fallen_to = next(filter(None, (_of(role, there) for role in _FALLS_TO)), [])
    return Audience(tuple(dict.fromkeys((*holder, *fallen_to))), told.role, is_unheard=not fallen_to)


def _everybody_in(role: Role) -> str:
    return f"the {role.label.lower()}{'' if role is Role.EDT else 's'}"


def _of(role: Role, there: Sequence[Colleague]) -> list[Colleague]:
    return [one for one in there if one.role is role]
