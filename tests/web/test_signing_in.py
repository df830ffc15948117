"""Nobody comes in on a password alone. Codes work once, recovery codes once, links once; guesses run out."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from mash import audit_check, clock
from mash.accounts import administration, invitations, operator, second_factor, sessions, signing_in, throttle
from mash.accounts.users import create_user
from mash.accounts.vault import Vault
from mash.db import Database
from mash.errors import BadInput, NotFound, NotPermitted, Unsafe
from mash.models.accounts import HalfSignIn, RecoveryCode, Session, User
from mash.permissions import Actor
from mash.settings import ROOT
from mash.vocabulary import Role
from tests.support.telephone import code, enrolled, time_passes
from tests.web.browsing import Browser
from tests.web.conftest import PASSWORD, QUICK_HASH, VAULT, opened, settings
from web.app import all_routes

NINE = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
HERE = "192.0.2.1"
KEY = re.compile(r'class="app-key">([A-Z2-7 ]+)<')
CODES = re.compile(r"<li>((?:[2-9a-z]{4}-){5}[2-9a-z]{4})</li>")


def half(db: Database, username: str = "sam") -> signing_in.HalfToken:
    entered = signing_in.sign_in(db, username, PASSWORD, HERE)
    assert isinstance(entered, signing_in.Half)
    return entered.token


def newcomer(db: Database, username: str = "nell") -> str:
    """Somebody with a password and no second factor yet."""
    user_id = create_user(db, username, "Nell Arden", Role.CONTACT_OFFICER, ["northbridge"])
    with db.transaction() as tx:
        tx.execute(update(User).where(User.id == user_id).values(password_hash=QUICK_HASH))
    return user_id


def administrator(db: Database) -> Actor:
    user_id = create_user(db, "bea", "Bea Thorne", Role.ADMINISTRATOR, ["northbridge"])
    return Actor(user_id, "Bea Thorne", Role.ADMINISTRATOR, "northbridge")


def session_rows(db: Database) -> list[bool]:
    with db.reading() as look:
        return list(look.execute(select(Session.second_factor)).scalars())


# -- no way in on a password alone -------------------------------------------------------------------------------------


def by_the_demonstrations_button(db: Database, nell: str) -> None:
    with pytest.raises(NotPermitted):
        signing_in.demo_sign_in(db, "nell")


def by_codes_that_were_never_given_out(db: Database, nell: str) -> None:
    for guess in ("", "None", "000000"):
        with pytest.raises(signing_in.SignInRefused):
            signing_in.give_code(db, VAULT, half(db, "nell"), guess)


def by_recovery_codes_that_were_never_given_out(db: Database, nell: str) -> None:
    for guess in ("", "000000", "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa"):
        with pytest.raises(signing_in.SignInRefused):
            signing_in.give_recovery_code(db, half(db, "nell"), guess)


def by_a_link(db: Database, nell: str) -> None:
    invitations.accept(db, administration.invite(db, administrator(db), nell), PASSWORD)
    invitations.accept(db, operator.invite(db, "nell"), PASSWORD)


def after_an_administrators_reset(db: Database, nell: str) -> None:
    enrolled(db, VAULT, ("nell",))
    administration.reset_second_factor(db, administrator(db), nell)
    assert isinstance(signing_in.sign_in(db, "nell", PASSWORD, HERE), signing_in.Half)


def by_the_command_line(db: Database, nell: str) -> None:
    operator.forget_factor(db, "nell")
    operator.set_active(db, "nell", False)
    operator.set_active(db, "nell", True)
    operator.set_password(db, "nell", PASSWORD)
    assert isinstance(signing_in.sign_in(db, "nell", PASSWORD, HERE), signing_in.Half)


@pytest.mark.parametrize(
    "way",
    [
        by_the_demonstrations_button,
        by_codes_that_were_never_given_out,
        by_recovery_codes_that_were_never_given_out,
        by_a_link,
        after_an_administrators_reset,
        by_the_command_line,
    ],
)
def test_no_way_in_gives_a_session_without_a_second_factor(
    live: Database, way: Callable[[Database, str], None]
) -> None:
    way(live, newcomer(live))
    assert session_rows(live) == []


def test_only_one_function_writes_sessions_and_it_refuses_without_a_second_factor(live: Database) -> None:
    writers = [
        file.name
        for top in ("mash", "web")
        for file in (ROOT / top).rglob("*.py")
        if re.search(r"insert\(\s*Session\b", file.read_text(encoding="utf-8"))
    ]
    assert writers == ["sessions.py"]
    with live.transaction() as tx, pytest.raises(NotPermitted):
        user = tx.execute(select(User.__table__).where(User.username == "sam")).one()
        sessions.begin(tx, user, clock.now(), second_factor=False)


def test_a_session_that_got_into_the_table_without_a_second_factor_is_worth_nothing(live: Database) -> None:
    with live.transaction() as tx:
        user_id = tx.execute(select(User.id).where(User.username == "sam")).scalar_one()
        row = {"id_hash": sessions.hash_of("forged"), "user_id": user_id, "borough": "northbridge"}
        tx.execute(insert(Session).values(row | {"created_at": clock.now(), "last_seen_at": clock.now()}))
    assert sessions.session_actor(live, "forged", settings()) is None


def test_half_signed_in_nothing_opens_but_the_next_step(live: Database) -> None:
    newcomer(live)
    app = opened(live)
    for username in ("sam", "nell"):
        browser = Browser(app)
        browser.get("/sign-in")
        browser.post("/sign-in", username=username, password=PASSWORD)
        token = browser.client.cookies["__Host-mash-half"]
        for name in ("__Host-mash-half", "__Host-mash"):
            browser.client.cookies.set(name, token, domain="front-door.test")
            for method, path, permission in all_routes():
                if permission != "public":
                    answer = browser.get(path) if method == "GET" else browser.post(path)
                    assert answer.status_code == (303 if method == "GET" else 401), (method, path)
    assert session_rows(live) == []


# -- codes -------------------------------------------------------------------------------------------------------------


def test_password_and_code_open_a_session_with_a_token_of_its_own(live: Database) -> None:
    first = half(live)
    token = signing_in.give_code(live, VAULT, first, code())
    actor = sessions.session_actor(live, token, settings())
    assert actor is not None and actor.name == "Sam Whitlock"
    assert token != first and session_rows(live) == [True]
    with pytest.raises(signing_in.BeginAgain):
        signing_in.give_code(live, VAULT, first, code(steps=1))


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_for_its_half_minute_and_the_ones_beside_it(live: Database, steps: int, is_good: bool) -> None:
    with clock.at(NINE):
        token = half(live)
        if is_good:
            assert signing_in.give_code(live, VAULT, token, code(steps=steps))
        else:
            with pytest.raises(signing_in.SignInRefused):
                signing_in.give_code(live, VAULT, token, code(steps=steps))


def test_a_code_works_once_and_so_does_none_from_before(live: Database) -> None:
    with clock.at(NINE):
        assert signing_in.give_code(live, VAULT, half(live), code())
        for steps in (0, -1):
            with pytest.raises(signing_in.SignInRefused):
                signing_in.give_code(live, VAULT, half(live), code(steps=steps))
        assert signing_in.give_code(live, VAULT, half(live), code(steps=1))


def test_after_five_wrong_codes_from_anywhere_even_the_right_one_waits(live: Database) -> None:
    with clock.at(NINE):
        for n in range(5):
            entered = signing_in.sign_in(live, "sam", PASSWORD, f"192.0.2.{n}")
            assert isinstance(entered, signing_in.Half)
            with pytest.raises(signing_in.SignInRefused):
                signing_in.give_code(live, VAULT, entered.token, "000000")
        with pytest.raises(throttle.TooManyAttempts):
            signing_in.give_code(live, VAULT, half(live), code())
        assert signing_in.give_code(live, VAULT, half(live, "pat"), code())
    with clock.at(NINE + throttle.WAIT):
        assert signing_in.give_code(live, VAULT, half(live), code())


def test_a_half_sign_in_does_not_wait_for_ever_and_ends_with_a_new_password(live: Database) -> None:
    with clock.at(NINE):
        token, other = half(live), half(live)
    with clock.at(NINE + signing_in.HALF_LASTS), pytest.raises(signing_in.BeginAgain):
        signing_in.give_code(live, VAULT, token, code())
    with clock.at(NINE):
        operator.set_password(live, "sam", "four words make a password")
        with pytest.raises(signing_in.BeginAgain):
            signing_in.give_code(live, VAULT, other, code())


# -- setting up --------------------------------------------------------------------------------------------------------


def test_who_has_no_second_factor_sets_one_up_first_and_gets_recovery_codes_once(live: Database) -> None:
    newcomer(live)
    browser = Browser(opened(live))
    browser.get("/sign-in")
    after = browser.post("/sign-in", username="nell", password=PASSWORD, next="/try/queue").headers["location"]
    assert after == "/sign-in/set-up?next=/try/queue"
    page = browser.get(after).text
    found = KEY.search(page)
    assert found and "<svg" in page and "style=" not in page
    secret = found[1].replace(" ", "")
    assert browser.get(after).text.count(found[1]) == 1, "the same until it is confirmed"
    assert browser.post("/sign-in/set-up", code="000000").status_code == 401
    done = browser.post("/sign-in/set-up", code=code(secret), next="/try/queue")
    codes = CODES.findall(done.text)
    assert len(set(codes)) == 10
    assert browser.get("/try/queue").status_code == 200
    with live.reading() as look:
        stored = look.execute(select(User.totp_secret).where(User.username == "nell")).scalar_one()
        hashes = set(look.execute(select(RecoveryCode.code_hash)).scalars())
        assert look.execute(select(HalfSignIn.pending_secret)).scalars().all() == [None]
    assert stored is not None and secret not in stored
    assert not hashes & set(codes)
    assert audit_check.verify(live) == []


def test_a_recovery_code_stands_in_for_the_telephone_once(live: Database) -> None:
    with live.transaction() as tx:
        user_id = tx.execute(select(User.id).where(User.username == "sam")).scalar_one()
        codes = second_factor.new_recovery_codes(tx, user_id, clock.now())
        other = tx.execute(select(User.id).where(User.username == "pat")).scalar_one()
        of_pat = second_factor.new_recovery_codes(tx, other, clock.now())
    typed = codes[0].upper().replace("-", " ")
    assert signing_in.give_recovery_code(live, half(live), typed)
    for bad in (codes[0], of_pat[0]):
        with pytest.raises(signing_in.SignInRefused):
            signing_in.give_recovery_code(live, half(live), bad)
    with live.transaction() as tx:
        assert second_factor.state_of(tx, user_id).codes_left == 9
        second_factor.new_recovery_codes(tx, user_id, clock.now())
    with pytest.raises(signing_in.SignInRefused):
        signing_in.give_recovery_code(live, half(live), codes[1])


def test_setting_up_never_replaces_a_second_factor_that_is_there(live: Database) -> None:
    newcomer(live)
    first, second = half(live, "nell"), half(live, "nell")
    keys = [signing_in.waiting(live, VAULT, token).set_up for token in (first, second)]
    assert keys[0] and keys[1] and keys[0].key != keys[1].key
    signing_in.confirm_set_up(live, VAULT, first, code(keys[0].key.replace(" ", "")))
    with pytest.raises(signing_in.SignInRefused):
        signing_in.confirm_set_up(live, VAULT, second, code(keys[1].key.replace(" ", "")))


# -- links -------------------------------------------------------------------------------------------------------------


def test_a_link_gives_a_password_once_and_within_three_days(live: Database) -> None:
    with clock.at(NINE):
        token, late = operator.invite(live, "nopassword"), operator.invite(live, "sam")
        with pytest.raises(BadInput, match="15 characters"):
            invitations.accept(live, token, "short")
        assert invitations.invited(live, token).name == "Nobody"
        invitations.accept(live, token, "four words make a password")
        with pytest.raises(NotFound):
            invitations.accept(live, token, "four words make a password")
        assert isinstance(signing_in.sign_in(live, "nopassword", "four words make a password", HERE), signing_in.Half)
    with clock.at(NINE + invitations.LASTS), pytest.raises(NotFound):
        invitations.accept(live, late, PASSWORD)


def test_a_newer_link_ends_the_older_and_a_link_does_not_get_round_the_second_factor(live: Database) -> None:
    old, new = operator.invite(live, "sam"), operator.invite(live, "sam")
    with pytest.raises(NotFound):
        invitations.accept(live, old, PASSWORD)
    running = signing_in.give_code(live, VAULT, half(live), code())
    browser = Browser(opened(live))
    browser.get(invitations.path_of(new))
    answer = browser.post(invitations.path_of(new), new_password="four words make a password")
    assert answer.headers["location"].startswith("/sign-in/code")
    assert sessions.session_actor(live, running, settings()) is None, "a new password ends what was open"


def test_a_link_lets_nobody_in_who_was_deactivated(live: Database) -> None:
    token = operator.invite(live, "sam")
    operator.set_active(live, "sam", False)
    with pytest.raises(NotFound):
        invitations.accept(live, token, PASSWORD)
    browser = Browser(opened(live))
    assert browser.get(invitations.path_of(token)).status_code == 404


# -- accounts that sleep -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "comes_in"), [(89, True), (90, False)])
def test_an_account_that_nobody_used_for_ninety_days_lets_nobody_in(live: Database, days: int, comes_in: bool) -> None:
    with clock.at(NINE):
        signing_in.give_code(live, VAULT, half(live), code())
        with live.transaction() as tx:
            tx.execute(update(User).values(created_at=NINE))
    with clock.at(NINE + timedelta(days=days)):
        if comes_in:
            assert half(live)
            return
        with pytest.raises(signing_in.SignInRefused, match=r"^The username or the password is wrong\.$"):
            half(live)
        operator.set_active(live, "sam", True)
        assert half(live)


def test_in_a_demonstration_nobody_falls_asleep(demo: Database) -> None:
    with clock.at(clock.now() + timedelta(days=900)):
        assert signing_in.demo_sign_in(demo, "sam")


# -- the demonstration -------------------------------------------------------------------------------------------------


def test_a_demonstration_asks_for_the_code_of_who_has_set_one_up_but_not_at_the_button(demo: Database) -> None:
    assert not isinstance(signing_in.sign_in(demo, "sam", PASSWORD, HERE), signing_in.Half)
    enrolled(demo, Vault(settings().factor_key(demo=True)), ("sam",))
    assert isinstance(signing_in.sign_in(demo, "sam", PASSWORD, HERE), signing_in.Half)
    browser = Browser(opened(demo))
    time_passes(demo, "sam")
    assert browser.sign_in("sam", PASSWORD).status_code == 303
    assert browser.get("/account").status_code == 200
    assert Browser(opened(demo)).sign_in("sam").headers["location"] == "/"


# -- the key -----------------------------------------------------------------------------------------------------------


def test_a_changed_secret_key_is_one_message_with_the_remedy(live: Database) -> None:
    with pytest.raises(Unsafe) as refusal:
        opened(live, secret_key="y" * 40)
    assert "second factors of 2 users" in str(refusal.value) and "forget-lost-factors" in str(refusal.value)
    assert operator.forget_lost_factors(live, Vault("y" * 40)) == 2
    opened(live, secret_key="y" * 40)
    entered = signing_in.sign_in(live, "sam", PASSWORD, HERE)
    assert isinstance(entered, signing_in.Half) and not entered.has_factor


def test_a_secret_in_another_users_row_opens_nothing() -> None:
    locked = VAULT.locked("sam", "SECRET")
    assert VAULT.unlocked("sam", locked) == "SECRET"
    with pytest.raises(Unsafe):
        VAULT.unlocked("pat", locked)
    assert not Vault("y" * 40).can_unlock("sam", locked)
