"""Who gets in, for how long, and what is written about it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from mash import audit, clock
from mash.accounts import operator, sessions, signing_in, throttle
from mash.accounts.purpose import is_demo_database
from mash.accounts.sessions import SessionToken
from mash.accounts.users import create_user, demo_users
from mash.db import Database, metadata
from mash.errors import BadInput, NotFound, NotPermitted
from mash.models.accounts import Session, SignInFailure, User, UserBorough
from mash.models.audit import AuditEntry
from mash.vocabulary import Role
from tests.conftest import MakeDatabase
from tests.support.telephone import code, enrolled, time_passes
from tests.web.conftest import PASSWORD, VAULT, settings

NINE = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


def entries(db: Database, stream: str) -> list[tuple[str, str]]:
    with db.reading() as look:
        query = select(AuditEntry.action, AuditEntry.facts).where(AuditEntry.stream == stream)
        return [(row.action, row.facts) for row in look.execute(query.order_by(AuditEntry.seq))]


def signed_in(db: Database, username: str = "sam", password: str = PASSWORD) -> SessionToken:
    """Password and code."""
    half = signing_in.sign_in(db, username, password, HERE)
    assert isinstance(half, signing_in.Half)
    time_passes(db, username)
    return signing_in.give_code(db, VAULT, half.token, code())


def fail(db: Database, times: int, username: str = "sam", address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(signing_in.SignInRefused):
            signing_in.sign_in(db, username, "wrong", address)


def test_the_right_password_opens_a_session_in_the_users_borough(live: Database) -> None:
    token = signed_in(live, "  SAM ")
    actor = sessions.session_actor(live, token, settings())
    assert actor is not None
    assert (actor.name, actor.role, actor.borough, actor.desk) == ("Sam Whitlock", Role.SCREENER, "northbridge", None)


def test_a_password_set_at_creation_or_later_opens_the_door(live: Database) -> None:
    create_user(live, "New", "New Person", Role.EDT, ["northbridge"], password=PASSWORD, registered=True)
    assert signing_in.sign_in(live, "new", PASSWORD, HERE)
    operator.set_password(live, "new", "four words make a password")
    assert signing_in.sign_in(live, "new", "four words make a password", HERE)
    with pytest.raises(signing_in.SignInRefused):
        signing_in.sign_in(live, "new", PASSWORD, HERE)


def test_the_database_does_not_hold_the_token(live: Database) -> None:
    token = signed_in(live)
    with live.reading() as look:
        assert token not in look.execute(select(Session.id_hash)).scalars().all()


def test_unknown_wrong_and_passwordless_get_the_same_answer(live: Database) -> None:
    answers = set()
    for username, password in (("nobody", PASSWORD), ("sam", "wrong"), ("nopassword", ""), ("sam", "")):
        with pytest.raises(signing_in.SignInRefused) as refusal:
            signing_in.sign_in(live, username, password, HERE)
        answers.add(str(refusal.value))
    assert answers == {"The username or the password is wrong."}


def test_after_five_failures_even_the_right_password_waits_and_then_works(live: Database) -> None:
    with clock.at(NINE):
        fail(live, 5)
    with clock.at(NINE + timedelta(minutes=14)), pytest.raises(throttle.TooManyAttempts):
        signing_in.sign_in(live, "sam", PASSWORD, HERE)
    with clock.at(NINE + timedelta(minutes=15)):
        assert signing_in.sign_in(live, "sam", PASSWORD, HERE)


def test_an_unknown_account_is_throttled_like_a_known_one(live: Database) -> None:
    fail(live, 5, "nobody")
    with pytest.raises(throttle.TooManyAttempts):
        signing_in.sign_in(live, "nobody", "wrong", HERE)


def test_nobody_elsewhere_is_locked_out_by_somebodys_failures(live: Database) -> None:
    fail(live, 5, address=ELSEWHERE)
    assert signing_in.sign_in(live, "sam", PASSWORD, HERE)
    assert signing_in.sign_in(live, "pat", PASSWORD, ELSEWHERE)


def test_signing_in_rightly_is_not_counted_as_a_failure(live: Database) -> None:
    for _ in range(7):
        signing_in.sign_in(live, "sam", PASSWORD, HERE)
    with live.reading() as look:
        assert look.execute(select(SignInFailure.id)).all() == []


def test_what_is_kept_of_a_failure_names_neither_account_nor_address(live: Database) -> None:
    fail(live, 1)
    with live.reading() as look:
        (key,) = look.execute(select(SignInFailure.key)).scalars()
    assert "sam" not in key and HERE not in key


def test_the_trail_tells_of_signing_in_and_out_without_personal_data(live: Database) -> None:
    fail(live, 1)
    fail(live, 1, "Tiana Mensah")
    sessions.sign_out(live, signed_in(live))
    actions = entries(live, audit.SESSION)
    assert [action for action, _ in actions] == ["sign_in_failed", "sign_in_failed", "signed_in", "session_ended"]
    text = str(actions)
    assert not any(secret in text for secret in ("sam", "Whitlock", "Tiana", HERE))


@pytest.mark.parametrize(
    ("quiet", "is_over"),
    [(timedelta(minutes=14, seconds=59), False), (timedelta(minutes=15), True)],
)
def test_an_idle_session_ends(live: Database, quiet: timedelta, is_over: bool) -> None:
    with clock.at(NINE):
        token = signed_in(live)
    with clock.at(NINE + quiet):
        assert (sessions.session_actor(live, token, settings()) is None) is is_over
    with clock.at(NINE):
        assert (sessions.session_actor(live, token, settings()) is None) is is_over


def test_being_there_keeps_a_session_until_it_is_too_old(live: Database) -> None:
    with clock.at(NINE):
        token = signed_in(live)
    for minutes in range(10, 600, 10):
        with clock.at(NINE + timedelta(minutes=minutes)):
            assert sessions.session_actor(live, token, settings()), minutes
    with clock.at(NINE + timedelta(hours=10)):
        assert sessions.session_actor(live, token, settings()) is None


def test_a_page_that_refreshes_itself_does_not_count_as_being_there(live: Database) -> None:
    with clock.at(NINE):
        token = signed_in(live)
    with clock.at(NINE + timedelta(minutes=10)):
        assert sessions.session_actor(live, token, settings(), touch=False)
    with clock.at(NINE + timedelta(minutes=15)):
        assert sessions.session_actor(live, token, settings(), touch=False) is None


def test_being_there_is_written_at_most_once_a_minute(live: Database) -> None:
    with clock.at(NINE):
        token = signed_in(live)
    for seconds, seen in ((59, NINE), (60, NINE + timedelta(seconds=60))):
        with clock.at(NINE + timedelta(seconds=seconds)):
            sessions.session_actor(live, token, settings())
        with live.reading() as look:
            assert look.execute(select(Session.last_seen_at)).scalar() == seen


def test_what_takes_a_user_away_ends_their_sessions_at_once(live: Database) -> None:
    def deactivate() -> None:
        operator.set_active(live, "sam", False)

    def change_password() -> None:
        operator.set_password(live, "sam", "four words make a password")
        operator.set_password(live, "sam", PASSWORD)

    def change_rows_by_hand() -> None:
        with live.transaction() as tx:
            tx.execute(update(User).where(User.username == "sam").values(active=False))

    def take_the_borough() -> None:
        with live.transaction() as tx:
            tx.execute(update(UserBorough).values(borough="elsewhere"))

    for ending in (change_password, change_rows_by_hand, deactivate, take_the_borough):
        operator.set_active(live, "sam", True)
        token = signed_in(live)
        assert sessions.session_actor(live, token, settings())
        ending()
        assert sessions.session_actor(live, token, settings()) is None, ending.__name__


def test_a_change_of_role_counts_from_the_next_request(live: Database) -> None:
    token = signed_in(live)
    with live.transaction() as tx:
        tx.execute(update(User).where(User.username == "sam").values(role="decision_maker"))
    actor = sessions.session_actor(live, token, settings())
    assert actor is not None and actor.role is Role.DECISION_MAKER


def test_a_deactivated_user_cannot_sign_in(live: Database) -> None:
    operator.set_active(live, "sam", False)
    with pytest.raises(signing_in.SignInRefused):
        signing_in.sign_in(live, "sam", PASSWORD, HERE)


def test_a_user_without_a_borough_cannot_sign_in(live: Database) -> None:
    with live.transaction() as tx:
        row = {"id": "x", "username": "lost", "name": "Lost", "role": "screener", "active": True}
        hashed = tx.execute(select(User.password_hash).where(User.username == "sam")).scalar()
        tx.execute(insert(User).values(**row, created_at=NINE, password_hash=hashed))
    enrolled(live, VAULT, ("lost",))
    with pytest.raises(NotPermitted):
        signed_in(live, "lost")


def test_an_unknown_token_is_nobody_and_signing_it_out_does_nothing(live: Database) -> None:
    sessions.sign_out(live, "unknown")
    assert sessions.session_actor(live, "unknown", settings()) is None
    assert entries(live, audit.SESSION) == []


@pytest.mark.parametrize(
    ("password", "reason"),
    [("fourteen chars", "15 characters"), ("new", "15 characters"), ("", "empty"), ("Long-Enough-NAME", "username")],
)
def test_weak_passwords_are_refused_with_reasons(live: Database, password: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        create_user(live, "long-enough-name", "N", Role.SCREENER, ["northbridge"], password=password)


def test_a_user_who_makes_no_sense_is_refused_with_every_reason(live: Database) -> None:
    with pytest.raises(BadInput) as refusal:
        create_user(live, " ", " ", Role.DESK, [])
    assert len(refusal.value.reasons) == 4
    for role, desk in ((Role.SYSTEM, None), (Role.SCREENER, "health")):
        with pytest.raises(BadInput):
            create_user(live, "new", "New", role, ["northbridge"], desk)


def test_a_username_is_taken_however_it_is_written(live: Database) -> None:
    with pytest.raises(BadInput, match="already"):
        create_user(live, "SAM", "Another", Role.CONTACT_OFFICER, ["northbridge"])


def test_changing_nobody_is_refused(live: Database) -> None:
    with pytest.raises(NotFound):
        operator.set_password(live, "nobody", PASSWORD)


def test_a_live_database_has_no_demo_users_and_no_demo_sign_in(live: Database) -> None:
    assert not is_demo_database(live)
    assert demo_users(live) == []
    with pytest.raises(NotPermitted):
        signing_in.demo_sign_in(live, "sam")
    with live.reading() as look:
        assert look.execute(select(Session.id_hash)).all() == []


def test_a_database_that_does_not_say_what_it_is_counts_as_live(make_database: MakeDatabase) -> None:
    nameless = make_database(None)
    metadata.create_all(nameless.engine)
    assert not is_demo_database(nameless)
    with pytest.raises(NotPermitted):
        signing_in.demo_sign_in(nameless, "sam")


def test_a_demonstration_lets_its_people_in_without_a_password(demo: Database) -> None:
    assert [user.username for user in demo_users(demo)] == ["nopassword", "sam", "pat"]
    assert sessions.session_actor(demo, signing_in.demo_sign_in(demo, "nopassword"), settings())
    with pytest.raises(NotFound):
        signing_in.demo_sign_in(demo, "nobody")
