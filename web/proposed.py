"""Which proposed rules may other pages be asked about? Those that are open, by whoever may change rules."""

from mash import proposals
from mash.permissions import Permission, allowed
from mash.proposals import Proposal
from web.visits import Visit

_NAMED = "proposal:"


def named(proposal_id: str) -> str:
    """A proposal as an address names it, beside versions that have a number."""
    return f"{_NAMED}{proposal_id}"


def proposed(visit: Visit, name: str) -> Proposal | None:
    """The proposal of that name; None for the name of anything else. Raises NotFound, and NotPermitted."""
    if not name.startswith(_NAMED):
        return None
    house = visit.house
    return proposals.proposal(house.db, house.office.rulebook, visit.actor, name.removeprefix(_NAMED))


def every(visit: Visit) -> list[Proposal]:
    """All that are open, the latest first; none for those who change no rules."""
    if not allowed(visit.actor, Permission.CHANGE_RULES):
        return []
    house = visit.house
    listed = proposals.proposals(house.db, visit.actor)
    return [proposals.proposal(house.db, house.office.rulebook, visit.actor, one.id) for one in listed]
