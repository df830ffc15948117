"""What does a message say? Reference, clock, sort of alert and a link: never a name, a concern or an address. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mash.clock import LONDON, iso
from mash.messages.sending import Line
from mash.vocabulary import AlertKind

_WORST_FIRST = (AlertKind.ESCALATION, AlertKind.BREACH, AlertKind.WARNING)


def by_contact(lines: Iterable[Line]) -> list[tuple[Line, int]]:
    """One line per contact, its worst, with how many other clocks of it alarm; the worst contact first."""
    own: dict[str, list[Line]] = {}
    for line in sorted(lines, key=_urgency):
        own.setdefault(line.contact_id, []).append(line)
    return [(every[0], len({(line.clock, line.due_at) for line in every}) - 1) for every in own.values()]


def _urgency(line: Line) -> tuple[object, ...]:
    return (line.over, _WORST_FIRST.index(line.kind), -line.level, line.due_at, line.reference, line.clock)


def mail_subject(lines: Sequence[Line]) -> str:
    """`NB-7QK4-92MX: out of timescale`, or `5 contacts: 2 out of timescale, 3 due soon`."""
    found = by_contact(lines)
    late = sum(line.kind is not AlertKind.WARNING for line, _ in found)
    if len(found) == 1:
        return f"{found[0][0].reference}: {'out of timescale' if late else 'due soon'}"
    parts = ((late, "out of timescale"), (len(found) - late, "due soon"))
    return f"{len(found)} contacts: {', '.join(f'{number} {what}' for number, what in parts if number)}"


def mail_text(lines: Sequence[Line], public_url: str) -> str:
    """The whole text of a mail: a paragraph per contact, and where to change what one gets."""
    found = by_contact(lines)
    begin = "Somebody is waiting for the front door." if len(found) == 1 else f"{len(found)} contacts need somebody."
    return "\n\n".join([begin, *_paragraphs(found, public_url), _foot(public_url)]) + "\n"


def _paragraphs(found: list[tuple[Line, int]], public_url: str) -> Iterator[str]:
    for line, others in found:
        over = " It has been done since." if line.over else ""
        more = f" {others} other clock{'s' if others > 1 else ''} too." if others else ""
        yield f"{line.reference}. {_what(line)}{over}{more}\n{link(line, public_url)}"


def _what(line: Line) -> str:
    when = f"{line.due_at.astimezone(LONDON):%A %-d %B %Y, %H:%M}"
    if line.kind is AlertKind.WARNING:
        return f"{line.kind.label}: {line.label}, due {when}."
    level = f" (level {line.level})" if line.kind is AlertKind.ESCALATION else ""
    return f"{line.kind.label}{level}: {line.label}, was due {when}."


def _foot(public_url: str) -> str:
    return (
        f"Open a contact and take the alert on: then no more of it goes to others. All alerts: {public_url}/alerts\n"
        f"Your address and quiet hours: {public_url}/account/messages"
    )


def link(line: Line, public_url: str) -> str:
    """Where the contact is. Whoever follows it has to sign in."""
    return f"{public_url}/contacts/{line.contact_id}"


def webhook_body(line: Line, public_url: str) -> dict[str, Any]:
    """One alert as a webhook tells of it. Instants are UTC."""
    data = {
        "borough": line.borough,
        "reference": line.reference,
        "kind": line.kind.value,
        "level": line.level,
        "clock": line.clock,
        "label": line.label,
        "at": iso(line.at),
        "due_at": iso(line.due_at),
        "link": link(line, public_url),
    }
    return {"type": f"alert.{line.kind}", "timestamp": iso(line.at), "data": data}
