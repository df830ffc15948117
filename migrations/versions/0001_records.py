"""All records of the front door, and what guards them."""

import sqlalchemy as sa
from alembic import op

from mash import guards

revision = "0001"
down_revision = None


def upgrade() -> None:
    access_entries()
    audit_entries()
    audit_heads()
    heartbeats()
    installation()
    late_bank_holidays()
    persons()
    rule_sets()
    sign_in_failures()
    users()
    contacts()
    person_links()
    sessions()
    user_boroughs()
    contact_adults()
    contact_children()
    deadlines()
    event_words()
    hub_only_words()
    information_requests()
    information_returns()
    receipts()
    referrers()
    shielded_referrers()
    withheld_addresses()
    alerts()
    guards.install(op.get_bind(), "audit_entries", "access_entries", "rule_sets", "installation")


def downgrade() -> None:
    raise RuntimeError("There is no way back: drop the database.")


def access_entries() -> None:
    op.create_table(
        "access_entries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("desk", sa.Text(), nullable=True),
        sa.Column("borough", sa.String(length=60), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_entries"),
    )
    op.create_index("ix_access_entries_contact", "access_entries", ["borough", "contact_id", "at"], unique=False)


def audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("borough", sa.Text(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("desk", sa.Text(), nullable=True),
        sa.Column("state_before", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("words_hash", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_audit_entries"),
    )


def audit_heads() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream", name="pk_audit_heads"),
    )


def heartbeats() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )


def installation() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )


def late_bank_holidays() -> None:
    op.create_table(
        "late_bank_holidays",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("borough", "day", name="pk_late_bank_holidays"),
    )


def persons() -> None:
    op.create_table(
        "persons",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("borough", "id", name="pk_persons"),
    )


def rule_sets() -> None:
    op.create_table(
        "rule_sets",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("resolved", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", "version", name="pk_rule_sets"),
    )


def sign_in_failures() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_key_at", "sign_in_failures", ["key", "at"], unique=False)


def users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=60), nullable=False),
        sa.Column("desk", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username", name="uq_users_username"),
    )


def contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=False),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("borough", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keyed_role", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("rag", sa.Text(), nullable=True),
        sa.Column("suggested_rag", sa.Text(), nullable=True),
        sa.Column("suggested_because", sa.JSON(), nullable=False),
        sa.Column("concerns", sa.JSON(), nullable=False),
        sa.Column("agreement", sa.String(length=60), nullable=False),
        sa.Column("parents_informed", sa.Boolean(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("threshold_level", sa.Integer(), nullable=True),
        sa.Column("child_outcomes", sa.JSON(), nullable=False),
        sa.Column("rule_set", sa.String(length=60), nullable=False),
        sa.Column("rule_set_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chain_seq", sa.Integer(), nullable=False),
        sa.Column("chain_hash", sa.Text(), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["rule_set", "rule_set_version"],
            ["rule_sets.slug", "rule_sets.version"],
            name="fk_contacts_rule_set_rule_set_version",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_contacts"),
        sa.UniqueConstraint("borough", "id", name="uq_contacts_borough_id"),
        sa.UniqueConstraint("borough", "reference", name="uq_contacts_borough_reference"),
    )
    op.create_index(
        "ix_contacts_next_due_at",
        "contacts",
        ["next_due_at"],
        unique=False,
        postgresql_where=sa.text("next_due_at IS NOT NULL"),
    )
    op.create_index("ix_contacts_queue", "contacts", ["borough", "state", "received_at"], unique=False)


def person_links() -> None:
    op.create_table(
        "person_links",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reported_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("basis", sa.String(length=60), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["borough", "person_id"], ["persons.borough", "persons.id"], name="fk_person_links_borough_person_id"
        ),
        sa.PrimaryKeyConstraint("borough", "id", name="pk_person_links"),
    )
    op.create_index("ix_person_links_person", "person_links", ["borough", "person_id"], unique=False)
    op.create_index("ix_person_links_reported", "person_links", ["borough", "reported_id"], unique=False)


def sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("borough", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_sessions"),
    )


def user_boroughs() -> None:
    op.create_table(
        "user_boroughs",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("borough", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_boroughs_user_id"),
        sa.PrimaryKeyConstraint("user_id", "borough", name="pk_user_boroughs"),
    )


def contact_adults() -> None:
    op.create_table(
        "contact_adults",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("relationship", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address_withheld", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"], ["contacts.borough", "contacts.id"], name="fk_contact_adults_borough_contact_id"
        ),
        sa.PrimaryKeyConstraint("borough", "id", name="pk_contact_adults"),
        sa.UniqueConstraint("borough", "contact_id", "position", name="uq_contact_adults_borough_contact_id_position"),
    )


def contact_children() -> None:
    op.create_table(
        "contact_children",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("forename", sa.Text(), nullable=True),
        sa.Column("surname", sa.Text(), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("expected_date_of_delivery", sa.Date(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("ethnicity", sa.Text(), nullable=True),
        sa.Column("nhs_number", sa.Text(), nullable=True),
        sa.Column("match_key", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("address_withheld", sa.Boolean(), nullable=False),
        sa.Column("open_case", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"],
            ["contacts.borough", "contacts.id"],
            name="fk_contact_children_borough_contact_id",
        ),
        sa.PrimaryKeyConstraint("borough", "id", name="pk_contact_children"),
        sa.UniqueConstraint("borough", "contact_id", "label", name="uq_contact_children_borough_contact_id_label"),
        sa.UniqueConstraint(
            "borough", "contact_id", "position", name="uq_contact_children_borough_contact_id_position"
        ),
    )
    op.create_index("ix_contact_children_match_key", "contact_children", ["borough", "match_key"], unique=False)
    op.create_index("ix_contact_children_nhs_number", "contact_children", ["borough", "nhs_number"], unique=False)


def deadlines() -> None:
    op.create_table(
        "deadlines",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"], ["contacts.borough", "contacts.id"], name="fk_deadlines_borough_contact_id"
        ),
        sa.PrimaryKeyConstraint("borough", "contact_id", "clock", "agency", "episode", name="pk_deadlines"),
    )
    op.create_index(
        "ix_deadlines_running",
        "deadlines",
        ["borough", "due_at"],
        unique=False,
        postgresql_where=sa.text("met_at IS NULL AND cancelled_at IS NULL"),
        sqlite_where=sa.text("met_at IS NULL AND cancelled_at IS NULL"),
    )


def event_words() -> None:
    op.create_table(
        "event_words",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"], ["contacts.borough", "contacts.id"], name="fk_event_words_borough_contact_id"
        ),
        sa.PrimaryKeyConstraint("borough", "contact_id", "seq", name="pk_event_words"),
    )


def hub_only_words() -> None:
    op.create_table(
        "hub_only_words",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"], ["contacts.borough", "contacts.id"], name="fk_hub_only_words_borough_contact_id"
        ),
        sa.PrimaryKeyConstraint("borough", "contact_id", "seq", name="pk_hub_only_words"),
    )


def information_requests() -> None:
    op.create_table(
        "information_requests",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"],
            ["contacts.borough", "contacts.id"],
            name="fk_information_requests_borough_contact_id",
        ),
        sa.PrimaryKeyConstraint("borough", "contact_id", "agency", "seq", name="pk_information_requests"),
    )
    op.create_index(
        "ix_information_requests_desk", "information_requests", ["borough", "agency", "asked_at"], unique=False
    )


def information_returns() -> None:
    op.create_table(
        "information_returns",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(length=60), nullable=False),
        sa.Column("reply", sa.String(length=60), nullable=False),
        sa.Column("handling", sa.String(length=60), nullable=False),
        sa.Column("risk", sa.Text(), nullable=True),
        sa.Column("volunteered", sa.Boolean(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"],
            ["contacts.borough", "contacts.id"],
            name="fk_information_returns_borough_contact_id",
        ),
        sa.PrimaryKeyConstraint("borough", "contact_id", "seq", name="pk_information_returns"),
    )
    op.create_index(
        "ix_information_returns_desk", "information_returns", ["borough", "agency", "returned_at"], unique=False
    )


def receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"], ["contacts.borough", "contacts.id"], name="fk_receipts_borough_contact_id"
        ),
        sa.PrimaryKeyConstraint("borough", "key", name="pk_receipts"),
    )


def referrers() -> None:
    op.create_table(
        "referrers",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("shielded", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"], ["contacts.borough", "contacts.id"], name="fk_referrers_borough_contact_id"
        ),
        sa.PrimaryKeyConstraint("borough", "contact_id", name="pk_referrers"),
    )


def shielded_referrers() -> None:
    op.create_table(
        "shielded_referrers",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"],
            ["contacts.borough", "contacts.id"],
            name="fk_shielded_referrers_borough_contact_id",
        ),
        sa.PrimaryKeyConstraint("borough", "contact_id", name="pk_shielded_referrers"),
    )


def withheld_addresses() -> None:
    op.create_table(
        "withheld_addresses",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("reported_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id"],
            ["contacts.borough", "contacts.id"],
            name="fk_withheld_addresses_borough_contact_id",
        ),
        sa.PrimaryKeyConstraint("borough", "reported_id", name="pk_withheld_addresses"),
    )


def alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("borough", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["borough", "contact_id", "clock", "agency", "episode"],
            ["deadlines.borough", "deadlines.contact_id", "deadlines.clock", "deadlines.agency", "deadlines.episode"],
            name="fk_alerts_borough_contact_id_clock_agency_episode",
        ),
        sa.PrimaryKeyConstraint(
            "borough", "contact_id", "clock", "agency", "episode", "kind", "level", name="pk_alerts"
        ),
    )
    op.create_index("ix_alerts_borough_at", "alerts", ["borough", "at"], unique=False)
