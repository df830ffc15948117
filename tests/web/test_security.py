"""What every response carries, and which forms are taken."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from mash.db import Database
from tests.web.browsing import FROM_HERE, Browser
from tests.web.conftest import PASSWORD, opened

SIGNED_IN_PATHS = [
    ("GET", "/", 303),
    ("GET", "/sign-in", 200),
    ("GET", "/try/queue", 200),
    ("HEAD", "/try/queue", 200),
    ("GET", "/try/missing", 404),
    ("GET", "/try/refused", 409),
    ("GET", "/try/crash", 500),
    ("GET", "/try/no-database", 503),
    ("GET", "/try/number/x", 422),
    ("POST", "/form", 403),
    ("PUT", "/form", 405),
    ("GET", "/form", 405),
    ("OPTIONS", "/try/queue", 405),
    ("TRACE", "/try/queue", 405),
    ("BREW", "/try/queue", 405),
    ("GET", "/nowhere", 404),
    ("GET", "/docs", 404),
    ("GET", "/openapi.json", 404),
    ("GET", "/try/queue/", 404),
    ("GET", "/try//queue", 404),
    ("GET", "/try/%00", 404),
    ("GET", "/static/app.css", 200),
    ("GET", "/static/nowhere.css", 404),
    ("GET", "/static/", 404),
    ("GET", "/static/../app.py", 404),
    ("GET", "/static/%2e%2e/app.py", 404),
    ("POST", "/static/app.css", 405),
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 503),
]


@pytest.mark.parametrize(("method", "path", "status"), SIGNED_IN_PATHS, ids=lambda value: str(value))
def test_every_response_carries_the_headers(sam: Browser, method: str, path: str, status: int) -> None:
    response = sam.client.request(method, path)
    assert response.status_code == status
    headers = response.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert re.fullmatch(r"[0-9a-f]{16}", headers["x-request-id"])
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert re.fullmatch(r"'nonce-[\w-]{22}'", policy.pop("script-src"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
    }
    is_asset = path.startswith("/static/") and status == 200
    assert headers["cache-control"] == ("no-cache" if is_asset else "no-store")


def test_nonce_and_request_id_are_never_used_twice(browser: Browser) -> None:
    responses = [browser.get("/sign-in") for _ in range(3)]
    for name in ("content-security-policy", "x-request-id"):
        assert len({response.headers[name] for response in responses}) == 3
    nonce = re.search(r"nonce-([\w-]+)", responses[0].headers["content-security-policy"])
    assert nonce and f'nonce="{nonce[1]}"' in responses[0].text


def test_cookies_are_held_to_this_host_and_to_https(browser: Browser) -> None:
    guest = browser.get("/sign-in").headers["set-cookie"]
    session = browser.sign_in("sam", PASSWORD).headers.get_list("set-cookie")[0]
    for cookie, name in ((guest, "__Host-mash-guest="), (session, "__Host-mash=")):
        assert cookie.startswith(name)
        assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
            "secure",
            "httponly",
            "samesite=lax",
            "path=/",
        }


def test_a_demonstration_over_http_has_plain_cookies_and_no_hsts(demo: Database) -> None:
    browser = Browser(opened(demo, insecure_http=True), secure=False)
    page = browser.get("/sign-in")
    assert page.headers["set-cookie"].startswith("mash-guest=")
    assert "secure" not in page.headers["set-cookie"].lower()
    assert "strict-transport-security" not in page.headers
    assert browser.sign_in("sam").headers["set-cookie"].startswith("mash=")
    assert browser.get("/").headers["location"] == "/queue"


FORMS = [
    ("from our page", FROM_HERE, True, True),
    ("by an old browser", {"origin": "https://front-door.test"}, True, True),
    ("with both headers", {"origin": "https://front-door.test", "sec-fetch-site": "same-origin"}, True, True),
    ("without the token", FROM_HERE, False, False),
    ("from nowhere", {}, True, False),
    ("from another site", {"sec-fetch-site": "cross-site"}, True, False),
    ("from a neighbour", {"sec-fetch-site": "same-site"}, True, False),
    ("by typing the address", {"sec-fetch-site": "none"}, True, False),
    ("from another origin", {"origin": "https://elsewhere.test"}, True, False),
    ("from http", {"origin": "http://front-door.test"}, True, False),
    ("from another port", {"origin": "https://front-door.test:8443"}, True, False),
    ("from a frame", {"origin": "null"}, True, False),
    ("contradicting itself", {"origin": "https://elsewhere.test", "sec-fetch-site": "same-origin"}, True, False),
]


@pytest.mark.parametrize(("headers", "with_token", "taken"), [f[1:] for f in FORMS], ids=[f[0] for f in FORMS])
def test_only_our_own_forms_are_taken(sam: Browser, headers: dict[str, str], with_token: bool, taken: bool) -> None:
    response = sam.post("/form", headers=headers, token=None if with_token else "", text="words")
    assert response.status_code == (200 if taken else 403)
    assert ("Sam Whitlock wrote words" in response.text) is taken


@pytest.mark.parametrize("headers", [{"origin": "null"}, FROM_HERE, {"origin": "http://front-door.test"}])
def test_over_http_the_demonstration_takes_forms_of_browsers_that_do_not_say(
    demo: Database, headers: dict[str, str]
) -> None:
    browser = Browser(opened(demo, insecure_http=True), secure=False)
    browser.sign_in("sam")
    assert browser.post("/form", headers=headers, text="words").status_code == 200
    assert browser.post("/form", headers=headers, token="", text="words").status_code == 403


def test_the_token_of_one_session_is_no_good_in_another(sam: Browser, pat: Browser, app: FastAPI) -> None:
    guest = Browser(app)
    guest.get("/sign-in")
    for stolen in (pat.token, guest.token, sam.token[:-1], sam.token + "x", "é"):
        assert sam.post("/form", token=stolen, text="words").status_code == 403
    own = sam.token
    sam.sign_in("sam", PASSWORD)
    assert sam.post("/form", token=own, text="words").status_code == 403


def test_signing_in_needs_a_token_too(browser: Browser, app: FastAPI) -> None:
    browser.get("/sign-in")
    other = Browser(app)
    other.get("/sign-in")
    for token in ("", other.token):
        response = browser.post("/sign-in", token=token, username="sam", password=PASSWORD)
        assert response.status_code == 403
        assert "set-cookie" not in response.headers


def test_a_token_in_the_address_or_in_json_does_not_count(sam: Browser) -> None:
    assert sam.client.post(f"/form?csrf_token={sam.token}", headers=FROM_HERE).status_code == 403
    body = {"csrf_token": sam.token, "text": "words"}
    assert sam.client.post("/form", json=body, headers=FROM_HERE).status_code == 403


def test_a_form_that_cannot_be_stored_or_is_too_large_is_refused(sam: Browser) -> None:
    assert sam.post("/form", text="a\0b").status_code == 422
    assert sam.post("/form", text="x" * 1_100_000).status_code == 413
    files = {"text": ("a.txt", b"words")}
    response = sam.client.post("/form", data={"csrf_token": sam.token}, files=files, headers=FROM_HERE)
    assert response.status_code == 400


def test_no_page_names_another_site(sam: Browser) -> None:
    for path in ("/sign-in", "/try/queue", "/try/refused", "/nowhere"):
        assert not re.search(r"""(src|href|action)=["']?(https?:)?//""", sam.get(path).text)


def test_templates_are_html_and_escape_everything() -> None:
    templates = Path(__file__).parents[2] / "web" / "templates"
    files = [file for file in templates.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} == {".html"}
    assert not [file.name for file in files if re.search(r"\|\s*safe|autoescape", file.read_text())]
