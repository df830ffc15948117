"""The mail server is spoken to encrypted, with a password where it wants one, and never for longer than allowed."""

import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mash.messages.mail import Mail, Security
from mash.messages.sending import NotNow, NotThere, Outgoing
from tests.messages.test_webhook import LINE
from tests.support.receiving import dripping_server, mail_server, signs_in

MAIL = Outgoing("a-key", "dana@council.example", (LINE,))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost` and its key, in one file."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    begin = datetime.now(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), begin, begin + timedelta(days=9)
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    file = tmp_path_factory.mktemp("certificate") / "localhost.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem) + secret)
    return file


def context_of(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


def test_it_signs_in_over_an_encrypted_line(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"tls_context": context_of(certificate), "require_starttls": True, "authenticator": signs_in}
    with mail_server(**options, auth_required=True) as server:
        door = {"host": "localhost", "security": Security.STARTTLS, "user": "door"}
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(NotNow, match="535 "):
            server.mail(**door, password="wrong")(MAIL)
        server.mail(**door, password="open sesame")(MAIL)
        assert server.recipients == ["dana@council.example"]
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(NotNow, match="certificate verify failed"):
            server.mail(**door, password="open sesame")(MAIL)
    assert len(server.taken) == 1


def test_a_refused_address_is_for_good_and_a_busy_one_for_now() -> None:
    with mail_server() as server:
        server.mood = "refuses"
        with pytest.raises(NotThere, match="No such mailbox"):
            server.mail()(MAIL)
        server.mood = "later"
        with pytest.raises(NotNow, match="Mailbox busy") as busy:
            server.mail()(MAIL)
        assert not busy.value.carrier_fails


@pytest.mark.parametrize(
    ("reply", "certain"),
    [
        ("550 5.1.1 <dana@council.example>: Recipient address rejected: User unknown in relay recipient table", True),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("550 5.2.1 This account is disabled", True),
        ("550 Unknown user", True),
        ("550 5.1.0 No such user here", True),
        ("554 5.7.1 Relay access denied", False),
        ("550 5.7.1 <dana@council.example>: Recipient address rejected: Access denied", False),
        ("550 5.1.8 <door@council.example>: Sender address rejected: Domain not found", False),
        ("550 5.1.0 Sender address rejected, unknown user", False),
        ("550 relay not permitted", False),
        ("550 Unknown user is not permitted to relay", False),
        ("550 No", False),
    ],
)
def test_a_refusal_that_may_be_said_to_everybody_is_in_doubt(reply: str, certain: bool) -> None:
    with mail_server() as server:
        server.replies["dana@council.example"] = reply
        with pytest.raises(NotThere, match=reply[:8]) as refused:
            server.mail()(MAIL)
    assert refused.value.doubtful is not certain


def test_nothing_takes_longer_than_the_limit_however_slowly_it_is_answered() -> None:
    with dripping_server() as port:
        slow = Mail("127.0.0.1", port, Security.NONE, None, None, "door@council.example", "https://x.example", 0.3)
        begun = time.monotonic()
        with pytest.raises(NotNow, match="It took longer than"):
            slow(MAIL)
        assert time.monotonic() - begun < 2


def test_no_server_is_said_in_a_sentence() -> None:
    with mail_server() as server:
        gone = server.mail()
    with pytest.raises(NotNow, match="The mail server could not be used"):
        gone(MAIL)
