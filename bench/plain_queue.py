"""The queue's page as somebody would write it by hand for one borough: Starlette, raw SQL on SQLite, one template.

It looks the session up, stores who looked (durably, before the first byte) and shows the same lines as our page, cell
for cell. What our page has besides (filters, what is due before closing, banners, drafts, other languages) it has not.
Its words are plain dictionaries, read once at start: `uvicorn --factory bench.plain_queue:app`.
"""

import hashlib
import json
import os
import secrets
import sqlite3
import threading
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mash.rules.loader import load_file
from mash.settings import ROOT
from mash.vocabulary import FINISHED, SHORT_SOURCES, State

FILE = "MASH_BENCH_FILE"
"""The variable that names the file of the database."""
COOKIE = "__Host-mash"
BOROUGH = "northbridge"
PAGE = 50
_LONDON = ZoneInfo("Europe/London")
_STORED = "%Y-%m-%d %H:%M:%S.000000"
_rules = load_file(ROOT / "config" / "boroughs" / f"{BOROUGH}.yaml", ROOT / "config")
_COLOURS = {code: (colour.label, colour.tag) for code, colour in _rules.colours.items()}
_ABOVE = {code: above for above, code in enumerate(reversed(_COLOURS))}
_CONCERNS = dict(_rules.concerns)
_CLOCKS = {code: one.label for code, one in _rules.clocks.items()}
_AGENCIES = {code: one.label for code, one in _rules.agencies.items()}
_SOURCES = {source.value: words for source, words in SHORT_SOURCES.items()}
_STATES = {state.value: state.label for state in State}
_MAY_RELEASE_ANY = ("decision_maker", "service_manager")

_SESSION = """SELECT s.user_id, s.borough, s.created_at, s.last_seen_at, u.name, u.role, u.desk FROM sessions s
    JOIN users u ON u.id = s.user_id
    JOIN user_boroughs b ON b.user_id = s.user_id AND b.borough = s.borough
    WHERE s.id_hash = ? AND s.ended_at IS NULL AND s.second_factor AND u.active"""
_LOOKED = """INSERT INTO access_entries (id, at, user_id, role, desk, borough, contact_id, page, request_id)
    VALUES (?, ?, ?, ?, ?, ?, NULL, 'queue', ?)"""
_STAGES = ", ".join(f"'{state.value}'" for state in State if state not in FINISHED)
_OPEN = f"""SELECT id, state, held_by, rag, received_at FROM contacts WHERE borough = ? AND state IN ({_STAGES})"""
_RUNNING = f"""SELECT c.id, d.due_at, d.clock, d.agency, d.breached_at IS NOT NULL OR d.due_at < ?1 AS late
    FROM contacts c CROSS JOIN deadlines d ON d.borough = c.borough AND d.contact_id = c.id
    WHERE c.borough = ?2 AND c.state IN ({_STAGES}) AND d.met_at IS NULL AND d.cancelled_at IS NULL
        AND (d.breached_at IS NOT NULL OR d.paused_at IS NULL)
    ORDER BY late, d.due_at DESC, d.clock DESC, d.agency DESC"""
_SHOWN = """SELECT c.id, c.reference, c.kind, c.rag, c.suggested_rag, c.concerns, c.received_at, c.source, u.name
    FROM contacts c LEFT JOIN users u ON u.id = c.held_by WHERE c.borough = ? AND c.id IN ({})"""
_CHILDREN = """SELECT contact_id, forename, surname, date_of_birth FROM contact_children
    WHERE borough = ? AND contact_id IN ({}) ORDER BY position"""
_WAITS = """SELECT DISTINCT r.contact_id, r.agency, d.due_at, d.breached_at IS NOT NULL OR d.due_at < ?1 AS late
    FROM information_requests r LEFT JOIN deadlines d ON d.borough = r.borough AND d.contact_id = r.contact_id
        AND d.agency = r.agency AND d.met_at IS NULL AND d.cancelled_at IS NULL
    WHERE r.borough = ?2 AND r.answered_at IS NULL AND r.waived_at IS NULL AND r.contact_id IN ({})
    ORDER BY d.due_at IS NULL, d.due_at, r.agency"""

_TEMPLATE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Triage queue</title><link rel="stylesheet" href="/static/app.css">
</head><body><header>Northbridge, {{ who }}</header><main><h1>Triage queue</h1>
<p>{{ open }} open, {{ mine }} mine, {{ nobody }} nobody has, {{ late }} out of timescale
{%- for state, n in stages %}, {{ n }} {{ state }}{% endfor %}</p>
<form method="post" id="line-acts"><input type="hidden" name="csrf_token" value="{{ token }}"></form>
<table><thead><tr><th>Rating</th><th>Contact</th><th>Children and concerns</th><th>Received</th><th>Stage</th>
<th>Next deadline</th><th>Who has it</th></tr></thead>
<tbody id="lines">{% for row in rows %}
<tr class="line{% if row.late %} late{% endif %}" id="line-{{ row.id }}">
<td><strong class="govuk-tag govuk-tag--{{ row.tag }}">{{ row.rating }}</strong>
{%- if row.judge %}<span class="small">{{ row.judge }}</span>{% endif %}</td>
<th scope="row"><a href="/contacts/{{ row.id }}" id="open-{{ row.id }}">{{ row.reference }}</a>
{%- if row.kind != "referral" %}<span>{{ row.kind }}</span>{% endif %}</th>
<td>{{ row.children }}{% if row.concerns %}<span class="small">{{ row.concerns }}</span>{% endif %}</td>
<td><time datetime="{{ row.received_at }}">{{ row.ago }}</time><span class="small">{{ row.source }}</span></td>
<td>{{ row.stage }}{% for agency, late, at in row.waits %}<span class="small">Waits for {{ agency }}
{%- if at %}{% if late %}, <strong class="late">out of timescale</strong> since{% else %}, due{% endif %} {{ at }}
{%- endif %}</span>{% endfor %}</td>
<td>{% if row.clock %}{% if row.late %}<strong class="late">Out of timescale</strong> {% endif %}
<span>{{ row.clock }}</span> <time class="small" datetime="{{ row.due_at }}">{{ row.left }}</time>
<span class="small">{{ row.due }}</span>{% else %}No clock runs{% endif %}</td>
<td><span class="label">Who has it: </span>{% if row.mine %}<strong>You</strong>{% else %}{{ row.holder }}{% endif %}
{% if row.claim %}<button form="line-acts" formaction="/queue/{{ row.id }}/claim">Take it on<span> {{ row.reference }}
</span></button>{% endif %}{% if row.release %}
<button form="line-acts" formaction="/queue/{{ row.id }}/release">Put it back<span> {{ row.reference }}</span></button>
<a href="/contacts/{{ row.id }}/hand_to">Hand it on<span> {{ row.reference }}</span></a>{% endif %}</td>
</tr>{% endfor %}</tbody></table></main></body></html>"""
_page = Environment(autoescape=True).from_string(_TEMPLATE)
_own = threading.local()


def app() -> Starlette:
    """One page, compressed as ours is."""
    served = Starlette(routes=[Route("/queue", _queue)])
    served.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    return served


def _connection() -> sqlite3.Connection:
    """One for each thread, as durable as ours."""
    if not hasattr(_own, "connection"):
        _own.connection = sqlite3.connect(os.environ[FILE], isolation_level=None, timeout=30)
        _own.connection.execute("PRAGMA synchronous=FULL")
        _own.connection.row_factory = sqlite3.Row
    connection: sqlite3.Connection = _own.connection
    return connection


def _queue(request: Request) -> Response:
    db, now = _connection(), datetime.now(UTC).replace(microsecond=0)
    token = request.cookies.get(COOKIE, "")
    who = db.execute(_SESSION, (hashlib.sha256(token.encode()).hexdigest(),)).fetchone()
    if who is None or now - _instant(who["last_seen_at"]) >= timedelta(minutes=15):
        return Response(status_code=303, headers={"location": "/sign-in"})
    db.execute("BEGIN")
    everything = _everything(db, who["borough"], now)
    rows = _lines(db, who, everything[:PAGE], now)
    db.execute("ROLLBACK")
    looked = (secrets.token_urlsafe(16), now.strftime(_STORED), who["user_id"], who["role"], who["desk"])
    db.execute(_LOOKED, (*looked, who["borough"], secrets.token_hex(8)))
    text = _page.render(
        rows=rows,
        who=who["name"],
        token=secrets.token_urlsafe(24),
        open=len(everything),
        mine=sum(one.held_by == who["user_id"] for one in everything),
        nobody=sum(one.held_by is None for one in everything),
        late=sum(one.late for one in everything),
        stages=Counter(_STATES[one.state] for one in everything).items(),
    )
    return HTMLResponse(text, headers={"Cache-Control": "no-store"})


class _Open(NamedTuple):
    """An open contact and its worst deadline. They sort as they are shown."""

    above: int
    in_time: bool
    due_at: str
    looked_at: bool
    received_at: str
    id: str
    state: str
    held_by: str | None
    clock: str
    agency: str

    @property
    def late(self) -> bool:
        return not self.in_time


def _everything(db: sqlite3.Connection, borough: str, now: datetime) -> list[_Open]:
    worst = {row[0]: row for row in db.execute(_RUNNING, (now.strftime(_STORED), borough))}
    without = ("", "9", "", "", 0)
    found = []
    for contact_id, state, held_by, rag, received_at in db.execute(_OPEN, (borough,)):
        _, due_at, clock, agency, late = worst.get(contact_id, without)
        above, looked_at = _ABOVE.get(rag, 0), state != "received"
        found.append(_Open(above, not late, due_at, looked_at, received_at, contact_id, state, held_by, clock, agency))
    return sorted(found)


def _lines(db: sqlite3.Connection, who: sqlite3.Row, shown: list[_Open], now: datetime) -> list[dict[str, Any]]:
    ids, marks = [one.id for one in shown], ", ".join("?" * len(shown))
    contacts = {row["id"]: row for row in db.execute(_SHOWN.format(marks), (BOROUGH, *ids))}
    children, waits = defaultdict(list), defaultdict(list)
    for row in db.execute(_CHILDREN.format(marks), (BOROUGH, *ids)):
        children[row["contact_id"]].append(row)
    for row in db.execute(_WAITS.format(marks), (now.strftime(_STORED), BOROUGH, *ids)):
        waits[row["contact_id"]].append(row)
    return [_line(one, contacts[one.id], children[one.id], waits[one.id], who, now) for one in shown]


def _line(
    one: _Open,
    contact: sqlite3.Row,
    children: list[sqlite3.Row],
    waits: list[sqlite3.Row],
    who: sqlite3.Row,
    now: datetime,
) -> dict[str, Any]:
    rated, suggested = contact["rag"], contact["suggested_rag"]
    rating, tag = _COLOURS[rated] if rated else ("Not rated", "grey")
    concerns = [_CONCERNS[code] for code in json.loads(contact["concerns"])]
    more = f" and {len(concerns) - 3} more" if len(concerns) > 3 else ""
    received, mine = _instant(contact["received_at"]), one.held_by == who["user_id"]
    line = {
        "id": one.id,
        "reference": contact["reference"],
        "kind": contact["kind"],
        "rating": rating,
        "tag": tag,
        "judge": "" if rated else f"{_COLOURS[suggested][0]} suggested" if suggested else "You judge",
        "children": "; ".join(_child(child, now) for child in children),
        "concerns": ", ".join(concerns[:3]) + more,
        "received_at": received.isoformat(),
        "ago": f"{_span(now - received, 1)} ago" if now - received >= timedelta(minutes=1) else "just now",
        "source": _SOURCES.get(contact["source"], "Source not recorded"),
        "stage": _STATES[one.state],
        "waits": [
            (_AGENCIES[w["agency"]], w["late"], w["due_at"] and _short(_instant(w["due_at"]), now)) for w in waits
        ],
        "late": one.late,
        "clock": "",
        "mine": mine,
        "holder": contact["name"] or "Nobody",
        "claim": one.held_by is None,
        "release": one.held_by is not None and (mine or who["role"] in _MAY_RELEASE_ANY),
    }
    return line | _deadline(one, now) if one.clock else line


def _deadline(one: _Open, now: datetime) -> dict[str, Any]:
    due_at = _instant(one.due_at)
    label = _CLOCKS[one.clock]
    return {
        "clock": f"{_AGENCIES[one.agency]}: {label}" if one.agency else label,
        "due_at": due_at.isoformat(),
        "left": f"{_span(abs(due_at - now))} {'late' if due_at < now else 'left'}",
        "due": f"{'Was due' if due_at < now else 'Due'} {_short(due_at, now)}",
    }


def _instant(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def _child(child: sqlite3.Row, now: datetime) -> str:
    born, today = date.fromisoformat(child["date_of_birth"]), now.astimezone(_LONDON).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return f"{child['forename']} {child['surname']}, {age}"


def _span(span: timedelta, parts: int = 2) -> str:
    seconds, words = int(span.total_seconds()), []
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {word}{'s' if count > 1 else ''}")
    return " ".join(words[:parts]) or "less than a minute"


def _short(instant: datetime, now: datetime) -> str:
    there = instant.astimezone(_LONDON)
    days = (there.date() - now.astimezone(_LONDON).date()).days
    minutes, half = f":{there.minute:02}" if there.minute else "", "pm" if there.hour >= 12 else "am"
    at = {"12am": "midnight", "12pm": "midday"}.get(at := f"{there.hour % 12 or 12}{minutes}{half}", at)
    if abs(days) > 6:
        year = "" if there.year == now.year else f" {there.year}"
        return f"{there.day} {there:%B}{year}, {at}"
    return f"{there:%A} {at}" if days else at
