"""Is this a demonstration? What a database is for is written in it once, when it is made."""

from sqlalchemy import Connection, select

from mash.db import Database
from mash.models.accounts import Installation


def is_demo(connection: Connection) -> bool:
    """Whether the database was made for demonstration. One that does not say what it is counts as live."""
    return connection.execute(select(Installation.purpose)).scalar() == "demo"


def is_demo_database(db: Database) -> bool:
    """As `is_demo`, for whoever is in no transaction."""
    with db.reading() as connection:
        return is_demo(connection)
