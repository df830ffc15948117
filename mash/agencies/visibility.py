"""Which contacts may this person know of? The only root of a select outside the verbs."""

from sqlalchemy import ColumnElement, Select, exists, or_, select

from mash.models.audit import AuditEntry
from mash.models.contact import Contact
from mash.models.information import InformationRequest, InformationReturn
from mash.permissions import Actor


def visible_contacts(actor: Actor) -> Select[str]:
    """Ids of what the actor may know of: the hub its borough's contacts, a desk what it is asked, gave or reported."""
    rows = select(Contact.id).where(Contact.borough == actor.borough)
    return rows.where(or_(*_ties_to_desk(actor))) if actor.is_desk else rows


def _ties_to_desk(actor: Actor) -> list[ColumnElement[bool]]:
    ties: list[ColumnElement[bool]] = [
        exists().where(table.borough == Contact.borough, table.contact_id == Contact.id, table.agency == actor.desk)
        for table in (InformationRequest, InformationReturn)
    ]
    reported = exists().where(
        AuditEntry.stream == Contact.id,
        AuditEntry.seq == 1,
        AuditEntry.role == actor.role,
        AuditEntry.desk == actor.desk,
    )
    return [*ties, reported]
