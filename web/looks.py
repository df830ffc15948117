"""Who has been shown which contacts? Lists that refresh themselves record a look once for what they show.

A list carries a token of what it showed to this session. As long as a refresh shows the same contacts, that look is on
record already; whatever else it shows is a new look. Nobody can make up a token for contacts that they were not shown.
"""

from collections.abc import Iterable

from mash import access
from web.visits import Visit


def record_look(visit: Visit, page: str, contact_ids: Iterable[str], seen: str = "") -> str:
    """Record that these contacts are about to be shown, unless `seen` proves that it is; the token of this look."""
    shown = "|".join((visit.bound_to, "seen", page, *sorted(contact_ids)))
    if not visit.house.is_form_token(seen, shown):
        access.looked_at(visit.house.db, visit.actor, None, page, visit.request_id)
    return visit.house.form_token(shown)
