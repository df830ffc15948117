"""Another program hears of an alert, can check that it was us, and knows again what it hears twice."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from mash import clock
from mash.errors import Unsafe
from mash.messages.sending import Line, NotNow, NotThere, Outgoing
from mash.messages.webhook import Webhook, secret_of, signature
from mash.vocabulary import AlertKind
from tests.support.receiving import PUBLIC_URL, HookServer, dripping_server, hook_server

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 9, 14, 0, tzinfo=UTC)
LINE = Line(
    borough="northbridge",
    contact_id="abc",
    reference="NB-7QK4-92MX",
    kind=AlertKind.ESCALATION,
    level=2,
    clock="decision",
    label="Decision",
    at=NOW,
    due_at=NOW - timedelta(hours=1),
    over=False,
)
MESSAGE = Outgoing("a-key_1", None, (LINE,))


def webhook(hook: HookServer, limit: float = 5) -> Webhook:
    return Webhook(hook.url, secret_of(SECRET), PUBLIC_URL, limit)


def test_it_is_told_what_when_and_where_to_look_and_nothing_about_anybody() -> None:
    with hook_server() as hook, clock.at(NOW):
        webhook(hook)(MESSAGE)
    ((headers, body),) = hook.posted
    assert headers["webhook-id"] == "a-key_1" and headers["content-type"] == "application/json"
    assert json.loads(body) == {
        "type": "alert.escalation",
        "timestamp": "2026-11-09T14:00:00Z",
        "data": {
            "borough": "northbridge",
            "reference": "NB-7QK4-92MX",
            "kind": "escalation",
            "level": 2,
            "clock": "decision",
            "label": "Decision",
            "at": "2026-11-09T14:00:00Z",
            "due_at": "2026-11-09T13:00:00Z",
            "link": "https://front-door.council.example/contacts/abc",
        },
    }


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """Worked out here from the specification alone, with the key as its text has it."""
    with hook_server() as hook, clock.at(NOW):
        webhook(hook)(MESSAGE)
    ((headers, body),) = hook.posted
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    key = base64.b64decode(SECRET.split("_")[1])
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    version, given = headers["webhook-signature"].split(",")
    assert (version, given) == ("v1", expected)
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))


def test_the_signature_agrees_with_the_example_that_the_specification_publishes() -> None:
    body = b'{"test": 2432232314}'
    assert signature(secret_of(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.parametrize("answer", [302, 401, 410, 429, 500])
def test_only_a_success_counts_and_a_redirect_is_not_followed(answer: int) -> None:
    with hook_server() as hook:
        hook.answers = answer
        with pytest.raises(NotNow, match=f"answered {answer}") as refused:
            webhook(hook)(MESSAGE)
    assert len(hook.posted) == 1 and refused.value.carrier_fails


@pytest.mark.parametrize("answer", [400, 422])
def test_it_is_in_doubt_whether_one_call_is_refused_or_every_one(answer: int) -> None:
    with hook_server() as hook:
        hook.answers = answer
        with pytest.raises(NotThere, match=f"answered {answer}") as refused:
            webhook(hook)(MESSAGE)
    assert refused.value.doubtful


def test_nothing_takes_longer_than_the_limit_however_slowly_it_is_answered() -> None:
    with dripping_server() as port:
        slow = HookServer(port)
        begun = time.monotonic()
        with pytest.raises(NotNow, match="It took longer than"):
            webhook(slow, 0.3)(MESSAGE)
        assert time.monotonic() - begun < 2


def test_nobody_there_is_said_in_a_sentence() -> None:
    with hook_server() as hook:
        pass
    with pytest.raises(NotNow, match="could not be reached"):
        webhook(hook)(MESSAGE)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_@@"])
def test_a_secret_that_is_none_is_refused_with_how_to_make_one(secret: str) -> None:
    with pytest.raises(Unsafe, match="openssl rand"):
        secret_of(secret)
