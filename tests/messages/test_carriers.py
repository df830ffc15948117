"""What is set up wrongly stops the timers with every reason; what is not set up sends nothing."""

from pathlib import Path

import pytest

from mash.errors import Unsafe
from mash.messages.carriers import carriers
from mash.messages.mail import Mail, Security
from mash.messages.webhook import Webhook
from mash.settings import Settings
from mash.vocabulary import Carrier
from tests.messages.test_webhook import SECRET

PUBLIC = "https://front-door.council.example/"


def test_nothing_is_sent_where_nothing_is_set_up() -> None:
    assert carriers(Settings(public_url=PUBLIC), demo=False) == {}


def test_both_are_made_of_the_settings_and_the_files_of_secrets(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame\n")
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    found = carriers(
        Settings(
            public_url=PUBLIC,
            smtp_host="mail.council.example",
            smtp_user="door",
            smtp_password_file=tmp_path / "password",
            mail_from="door@council.example",
            webhook_url="https://pager.example/hook",
            webhook_secret_file=tmp_path / "secret",
        ),
        demo=False,
    )
    mail, webhook = found[Carrier.EMAIL], found[Carrier.WEBHOOK]
    assert isinstance(mail, Mail) and isinstance(webhook, Webhook)
    assert (mail.port, mail.security, mail.password) == (587, Security.STARTTLS, "open sesame")
    assert mail.public_url == webhook.public_url == "https://front-door.council.example"
    assert mail.limit_seconds == webhook.limit_seconds == 10


def test_every_reason_is_given_at_once() -> None:
    wrong = Settings(
        smtp_host="mail", smtp_user="door", smtp_security="none", webhook_url="http://pager.example", mail_from="door"
    )
    with pytest.raises(Unsafe) as no:
        carriers(wrong, demo=False)
    for about in (
        "PUBLIC_URL",
        "MAIL_FROM",
        "SMTP_PASSWORD_FILE",
        "SMTP_SECURITY",
        "WEBHOOK_URL",
        "WEBHOOK_SECRET_FILE",
    ):
        assert any(f"MASH_{about}" in reason for reason in no.value.reasons), about


def test_a_demonstration_may_speak_plainly(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    plain = Settings(
        public_url="http://127.0.0.1:8000",
        webhook_url="http://127.0.0.1:9000",
        webhook_secret_file=tmp_path / "secret",
    )
    assert list(carriers(plain, demo=True)) == [Carrier.WEBHOOK]
    with pytest.raises(Unsafe, match="begins with https"):
        carriers(plain, demo=False)


def test_a_file_that_is_not_there_is_named() -> None:
    settings = Settings(public_url=PUBLIC, webhook_url="https://x.example", webhook_secret_file=Path("/nowhere/secret"))
    with pytest.raises(Unsafe, match="MASH_WEBHOOK_SECRET_FILE: /nowhere/secret cannot be read"):
        carriers(settings, demo=False)
