"""How does a message go out by e-mail? By SMTP: one mail to one person, a digest where there is more to tell."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from mash import clock
from mash.messages.sending import LIMIT_SECONDS, NotNow, NotThere, Outgoing, cut, why, within
from mash.messages.wording import mail_subject, mail_text
from mash.vocabulary import Labelled

KEY_HEADER = "Front-Door-Message"
_PERMANENT = 500
_STATUS = re.compile(r"5\.\d{1,3}\.\d{1,3}\b")
_OF_THE_ADDRESS = re.compile(r"5\.1\.(?![78]$)\d+|5\.2\.\d+")
"""What RFC 3463 has for the mailbox and its address, but for that of the sender (5.1.7, 5.1.8)."""
_NAMES_IT = re.compile(r"\b(mailbox|user|account|recipient|unknown|unrouteable)\b", re.IGNORECASE)
_NAMES_ANOTHER_REASON = re.compile(r"relay|policy|sender|denied|permitted|authenti|blocked|spam", re.IGNORECASE)


class Security(Labelled):
    """How the line to the mail server is protected."""

    STARTTLS = "starttls", "begins plain and is encrypted before anything is said"
    TLS = "tls", "encrypted from the start"
    NONE = "none", "plain, for a relay on this machine or in a demonstration"


PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


@dataclass(frozen=True)
class Mail:
    """A mail server, and from whom and about where mails speak. Without a user nobody signs in there."""

    host: str
    port: int
    security: Security
    user: str | None
    password: str | None
    sender: str
    public_url: str
    limit_seconds: float = LIMIT_SECONDS

    def __call__(self, message: Outgoing) -> None:
        """Hand it to the mail server. Raises NotThere or NotNow."""
        mail, lines = self._written(message), list[smtplib.SMTP]()

        def give_up() -> None:
            for line in lines:
                cut(line.sock)

        try:
            within(self.limit_seconds, lambda: self._send(mail, lines), give_up)
        except smtplib.SMTPRecipientsRefused as refused:
            ((code, reply),) = refused.recipients.values()
            raise _refusal("The mail server refused the address", code, reply) from None
        except smtplib.SMTPDataError as refused:
            raise _refusal("The mail server refused the mail", refused.smtp_code, refused.smtp_error) from None
        except smtplib.SMTPResponseException as refused:
            said = f"The mail server refused: {refused.smtp_code} {_text(refused.smtp_error)}"
            raise NotNow(said) from None
        except (smtplib.SMTPException, OSError) as error:
            raise NotNow(f"The mail server could not be used: {why(error)}.") from None

    def _send(self, mail: EmailMessage, lines: list[smtplib.SMTP]) -> None:
        encrypted = ssl.create_default_context()
        name = urlsplit(self.public_url).hostname
        if self.security is Security.TLS:
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, name, timeout=self.limit_seconds, context=encrypted
            )
        else:
            line = smtplib.SMTP(self.host, self.port, name, timeout=self.limit_seconds)
        lines.append(line)
        try:
            if self.security is Security.STARTTLS:
                line.starttls(context=encrypted)
            if self.user is not None:
                line.login(self.user, self.password or "")
            line.send_message(mail)
        finally:
            line.close()  # no farewell: a server that dies after it has accepted has accepted

    def _written(self, message: Outgoing) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = mail_subject(message.lines)
        mail["From"] = self.sender
        mail["To"] = message.to
        mail["Date"] = format_datetime(clock.now())
        mail["Message-ID"] = f"<{message.id}@{urlsplit(self.public_url).hostname}>"
        mail[KEY_HEADER] = message.id
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(mail_text(message.lines, self.public_url))
        return mail


def _refusal(what: str, code: int, reply: bytes | str) -> NotThere | NotNow:
    """For now, or for good; in doubt where the reply does not say that it is for the address."""
    said = f"{what}: {code} {_text(reply)}"
    if code < _PERMANENT:
        return NotNow(said, carrier_fails=False)
    return NotThere(said, doubtful=not _is_for_the_address(_text(reply)))


def _is_for_the_address(reply: str) -> bool:
    """Anything else may be said to everybody: that it does not relay, a policy, our own address."""
    status = _STATUS.match(reply)
    if status and not status[0].endswith(".0"):
        return _OF_THE_ADDRESS.fullmatch(status[0]) is not None
    return bool(_NAMES_IT.search(reply)) and not _NAMES_ANOTHER_REASON.search(reply)


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply
