"""What keeps other sites, caches and onlookers out? Headers on every response, and where a request comes from."""

import secrets
import traceback
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
STATIC = "/static/"
_OK = frozenset({200, 206, 304})

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}
HSTS = "max-age=31536000; includeSubDomains"

log = structlog.get_logger()


class Shield:
    """Stands around the whole application, error pages included: headers, a request id, and no word of a crash."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.fixed = HEADERS | ({"Strict-Transport-Security": HSTS} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with an id and a nonce in its state."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request_id, nonce, started = secrets.token_hex(8), secrets.token_urlsafe(16), False
        scope.setdefault("state", {}).update(request_id=request_id, nonce=nonce)

        async def send_shielded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._cover(MutableHeaders(scope=message), message["status"], scope["path"], request_id, nonce)
            await send(message)

        try:
            await self.app(scope, receive, send_shielded)
        except Exception as error:
            log.error("web.unexpected", request_id=request_id, error=type(error).__name__, at=_frames(error))
            if not started:
                await PlainTextResponse("Something went wrong.", 500)(scope, receive, send_shielded)

    def _cover(self, headers: MutableHeaders, status: int, path: str, request_id: str, nonce: str) -> None:
        headers.update(self.fixed)
        headers["X-Request-ID"] = request_id
        headers["Content-Security-Policy"] = POLICY.format(nonce=nonce)
        is_asset = path.startswith(STATIC) and status in _OK
        headers["Cache-Control"] = "no-cache" if is_asset else "no-store"


def _frames(error: Exception) -> list[str]:
    """Where it happened. Never the error's text: it may hold what somebody typed."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-8:]]


def is_from_here(request: Request, *, secure: bool) -> bool:
    """Whether the browser says that one of our own pages sent this.

    Our pages send no referrer, so that browsers give `Origin: null` with a form; `Sec-Fetch-Site` is then what counts.
    By plain http, in a demonstration, browsers leave that out except on localhost: the form's token has to do.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site == "same-origin" and (origin in (None, "null") or _is_ours(origin, request, secure))
    if origin == "null":
        return not secure
    return origin is not None and _is_ours(origin, request, secure)


def _is_ours(origin: str, request: Request, secure: bool) -> bool:
    there = urlsplit(origin)
    # Behind a proxy our own scheme may read http: what browsers use is known from the settings.
    return there.scheme == ("https" if secure else "http") and there.netloc == request.headers.get("host")
