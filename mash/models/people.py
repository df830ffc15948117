"""People as they were reported, and the persons whom somebody believes them to be."""

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mash.models.base import Table, a_code, of_contact


class ContactChild(Table):
    """A child as one contact reported it: never changed. A withheld address lies in WithheldAddress instead."""

    __tablename__ = "contact_children"
    __table_args__ = (
        of_contact(),
        UniqueConstraint("borough", "contact_id", "label"),
        UniqueConstraint("borough", "contact_id", "position"),
        Index("ix_contact_children_nhs_number", "borough", "nhs_number"),
        Index("ix_contact_children_match_key", "borough", "match_key"),
    )

    borough: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str]
    position: Mapped[int]
    seq: Mapped[int]
    label: Mapped[str]
    forename: Mapped[str | None]
    surname: Mapped[str | None]
    date_of_birth: Mapped[date | None]
    expected_date_of_delivery: Mapped[date | None]
    sex: Mapped[str | None]
    ethnicity: Mapped[str | None]
    nhs_number: Mapped[str | None]
    match_key: Mapped[str | None]
    address: Mapped[str | None]
    postcode: Mapped[str | None]
    address_withheld: Mapped[bool]
    open_case: Mapped[bool]


class ContactAdult(Table):
    """An adult around the children as one contact reported it: never changed."""

    __tablename__ = "contact_adults"
    __table_args__ = (of_contact(), UniqueConstraint("borough", "contact_id", "position"))

    borough: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str]
    position: Mapped[int]
    seq: Mapped[int]
    label: Mapped[str | None]
    name: Mapped[str | None]
    date_of_birth: Mapped[date | None]
    relationship: Mapped[str | None]
    role: Mapped[str | None]
    address: Mapped[str | None]
    address_withheld: Mapped[bool]


class LookupKey(Table):
    """What a reported child or adult can be found by while somebody is on the telephone: a name as it sounds, a day of
    birth, a place. Made from the report and never changed; of a withheld address there is none.
    """

    __tablename__ = "lookup_keys"
    __table_args__ = (of_contact(),)

    borough: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    reported_id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str]


class WithheldAddress(Table):
    """An address that must not reach the family or a partner: refuge, adoption, witness protection."""

    __tablename__ = "withheld_addresses"
    __table_args__ = (of_contact(),)

    borough: Mapped[str] = mapped_column(primary_key=True)
    reported_id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str]
    address: Mapped[str | None]
    postcode: Mapped[str | None]


class Referrer(Table):
    """Who reported. Of a shielded one this row holds nothing that identifies."""

    __tablename__ = "referrers"
    __table_args__ = (of_contact(),)

    borough: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    anonymous: Mapped[bool]
    shielded: Mapped[bool]
    name: Mapped[str | None]
    organisation: Mapped[str | None]
    role: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]


class ShieldedReferrer(Table):
    """Who reported, where the family must never learn it."""

    __tablename__ = "shielded_referrers"
    __table_args__ = (of_contact(),)

    borough: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    organisation: Mapped[str | None]
    role: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]


class Person(Table):
    """One human being, known by the reports that are linked to it."""

    __tablename__ = "persons"

    borough: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]


class PersonLink(Table):
    """The belief that a reported child or adult is this person. Undone, never deleted."""

    __tablename__ = "person_links"
    __table_args__ = (
        ForeignKeyConstraint(["borough", "person_id"], ["persons.borough", "persons.id"]),
        Index("ix_person_links_reported", "borough", "reported_id"),
        Index("ix_person_links_person", "borough", "person_id"),
    )

    borough: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    reported_id: Mapped[str]
    person_id: Mapped[str]
    basis: Mapped[str] = a_code()
    linked_at: Mapped[datetime]
    linked_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
