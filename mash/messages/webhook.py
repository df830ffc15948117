"""How does a message go out to another program? One POST per alert, signed as Standard Webhooks says.

Source of the signature: the Standard Webhooks specification, symmetric scheme `v1`: HMAC-SHA256 over id, timestamp and
body, joined by full stops.
"""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import create_default_context
from urllib.parse import urlsplit

from mash import clock
from mash.errors import Unsafe
from mash.messages.sending import LIMIT_SECONDS, NotNow, NotThere, Outgoing, cut, why, within
from mash.messages.wording import webhook_body

PREFIX = "whsec_"
_SUCCESS = range(200, 300)
_UNWANTED = (400, 413, 415, 422)
"""It may be this call that it cannot take, or every call: a wrong secret is answered with 400 too."""


def secret_of(text: str) -> bytes:
    """The key in a secret as Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in base64. Raises Unsafe."""
    try:
        key = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise Unsafe(
            "MASH_WEBHOOK_SECRET_FILE does not hold a secret of the form whsec_…: "
            "write one with `echo whsec_$(openssl rand -base64 32)`."
        )
    return key


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """What stands in the header `webhook-signature`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, signed, sha256)).decode()}"


@dataclass(frozen=True)
class Webhook:
    """The address of another program, and the key with which it knows that we speak. Redirects are not followed."""

    url: str
    key: bytes
    public_url: str
    limit_seconds: float = LIMIT_SECONDS

    def __call__(self, message: Outgoing) -> None:
        """Tell it of the alert. Raises NotNow; NotThere, in doubt, where it may be this call alone that is refused."""
        parts = urlsplit(self.url)
        where = (parts.hostname or "", parts.port)
        line = (
            HTTPSConnection(*where, timeout=self.limit_seconds, context=create_default_context())
            if parts.scheme == "https"
            else HTTPConnection(*where, timeout=self.limit_seconds)
        )
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        body = json.dumps(webhook_body(message.lines[0], self.public_url)).encode()
        headers = self._headers(message.id, body)
        try:
            within(self.limit_seconds, lambda: _post(line, path, body, headers), lambda: cut(line.sock))
        except (HTTPException, OSError) as error:
            raise NotNow(f"The webhook could not be reached: {why(error)}.") from None

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        timestamp = int(clock.now().timestamp())
        return {
            "content-type": "application/json",
            "user-agent": "front-door",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self.key, message_id, timestamp, body),
        }


def _post(line: HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> None:
    try:
        line.request("POST", path, body, headers)
        status = line.getresponse().status
    finally:
        line.close()
    said = f"The webhook answered {status}. Only 200 to 299 counts as received."
    if status in _UNWANTED:
        raise NotThere(said, doubtful=True)
    if status not in _SUCCESS:
        raise NotNow(said)
