"""Who may sign in? The commands `mash users …`, for whoever runs the machine. Decides nothing itself."""

from typing import Annotated

import typer

from mash import clock, rulebook
from mash.accounts import invitations, operator, users
from mash.accounts.purpose import is_demo_database
from mash.accounts.vault import Vault
from mash.console import open_database, out
from mash.db import Database
from mash.errors import BadInput
from mash.settings import Settings
from mash.vocabulary import Role

users_app = typer.Typer(no_args_is_help=True, help="Who may sign in.")


@users_app.command("add")
def add_user(
    username: str,
    name: Annotated[str, typer.Option(help="Name shown to others.")],
    role: Annotated[Role, typer.Option(help="What the person does.")],
    borough: Annotated[list[str], typer.Option(help="Where; may be given several times.")],
    desk: Annotated[str | None, typer.Option(help="The agency, for a desk.")] = None,
    registered: Annotated[bool, typer.Option("--registered", help="Is a registered social worker.")] = False,
) -> None:
    """Add somebody who may sign in; the password is asked for. At the first sign-in they set up a second factor."""
    post = users.Post(role, tuple(borough), desk, registered)
    with open_database() as db:
        _check(db, post)
        users.create_user(db, username, name, role, borough, desk, _new_password(), registered=registered)
    out.print(f"{username} may sign in.", markup=False)


def _check(db: Database, post: users.Post) -> None:
    """Before the password is asked for, twice."""
    with db.reading() as look:
        places = users.wrong_with_places(look, rulebook.Rulebook(), post, clock.now())
    if reasons := [*users.wrong_with(post), *places]:
        raise BadInput(*reasons)


def _new_password() -> str:
    return str(typer.prompt("Password (15 characters or more)", hide_input=True, confirmation_prompt=True))


@users_app.command("password")
def set_password(username: str) -> None:
    """Give somebody a new password, which is asked for. Their sessions end; their second factor stays."""
    with open_database() as db:
        operator.set_password(db, username, _new_password())
    out.print(f"{username} has a new password.", markup=False)


@users_app.command("invite")
def invite_user(username: str) -> None:
    """Print the path of a link with which somebody chooses their password: once, within 72 hours."""
    with open_database() as db:
        path = invitations.path_of(operator.invite(db, username))
    out.print(f"After the address of your front door: {path}", markup=False)


@users_app.command("disable")
def disable_user(username: str) -> None:
    """Somebody has left: no more signing in, and open sessions end at once."""
    with open_database() as db:
        operator.set_active(db, username, False)
    out.print(f"{username} may no longer sign in.", markup=False)


@users_app.command("enable")
def enable_user(username: str) -> None:
    """Let somebody sign in again, also after 90 days in which the account was not used."""
    with open_database() as db:
        operator.set_active(db, username, True)
    out.print(f"{username} may sign in.", markup=False)


@users_app.command("forget-factor")
def forget_factor(username: str) -> None:
    """Somebody has lost telephone and recovery codes: they set up a new second factor at the next sign-in."""
    with open_database() as db:
        operator.forget_factor(db, username)
    out.print(f"{username} sets up a new second factor at the next sign-in.", markup=False)


@users_app.command("forget-lost-factors")
def forget_lost_factors() -> None:
    """The secret key is lost: the same for everybody whose second factor cannot be read with the new one."""
    with open_database() as db:
        vault = Vault(Settings().factor_key(demo=is_demo_database(db)))
        count = operator.forget_lost_factors(db, vault)
    out.print(f"{count} second factors could not be read and are forgotten.", markup=False)
