"""How is a first rule set written, for a person to read and go on with? Answers to the text of a file. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from mash.rules.answers import Grade

_PLAIN = re.compile(r"[A-Za-z][\w .'’()-]*")
_NO_TARGET = "none"


@dataclass(frozen=True)
class Start:
    """What every new rule set needs of its own."""

    name: str
    title: str
    prefix: str
    in_force_from: date
    confirms: str
    written_on: date


@dataclass(frozen=True)
class Answers:
    """What a front door answered. Times as a file writes them; `feedback` may be `none`, for no clock."""

    start: Start
    hours: Mapping[str, str]
    open_on_bank_holidays: bool
    colours: tuple[Grade, ...]
    times: Mapping[str, str]
    acknowledgement: str
    feedback: str
    agencies: Mapping[str, str]
    required_for: Mapping[str, tuple[str, ...]]
    named: frozenset[str]
    """Codes of agencies that have their name from agencies.yaml."""


def written(answers: Answers) -> str:
    """The file, part by part, each with what it is and where to read on."""
    parts = (_head, _colours, _hours, _agencies, _outcomes, _clocks, _concerns, _basis)
    return "\n".join("\n".join([*part(answers), ""]) for part in parts).rstrip("\n") + "\n"


def begun_from(text: str, start: Start, other: str) -> str:
    """Another authority's file under a new name: its figures and what they stand on stay, for each to be confirmed."""
    source = f"To be confirmed by {start.confirms}; begun from the rules of {other}"
    own = {
        "name": start.name,
        "title": quoted(start.title),
        "version": "1",
        "in_force_from": start.in_force_from.isoformat(),
        "reference_prefix": start.prefix,
        "source": quoted(source),
    }
    lines = text.splitlines()
    for n, line in enumerate(lines):
        key = line.partition(":")[0]
        if key in own:
            lines[n] = f"{key}: {own[key]}"
    head = (
        f"# {start.title}: a first draft, begun from the rules of {other} on {_long(start.written_on)}.\n"
        f"# EVERY FIGURE BELOW IS {other.upper()}'S, OR ASSUMED: put yours in its place, and confirm each.\n"
        "# Until then a live database refuses this file. How to go on: docs/add-a-borough.md, docs/authorities.md.\n#\n"
        f"# What the file says of {other}:\n#\n"
    )
    return head + "\n".join([*lines, ""])


def quoted(text: str) -> str:
    """As YAML text: in quotation marks where it needs them."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _long(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _section(title: str, *remarks: str) -> Iterator[str]:
    yield f"# ---- {title} ".ljust(119, "-")
    yield from (f"# {remark}" for remark in remarks)
    yield ""


def _head(a: Answers) -> Iterator[str]:
    start = a.start
    yield f"# {start.title}: a first draft, answered on {_long(start.written_on)}. {start.confirms} has to confirm it."
    yield "# Read it with the phrase book of docs/add-a-borough.md. What every key means: docs/rule-set-reference.md."
    yield "# Times of day are London time. What is not said here is inherited from _baseline.yaml."
    yield ""
    yield "inherits: _baseline"
    yield f"name: {start.name}"
    yield f"title: {quoted(start.title)}"
    yield "version: 1                      # never changed once in force: changes go into a second file"
    yield f"in_force_from: {start.in_force_from}       # contacts received on or after this date"
    yield f"reference_prefix: {start.prefix}"
    yield f"source: {quoted(f'To be confirmed by {start.confirms}')}"
    yield "unconfirmed: true               # a live database refuses the file as long as this stands here"


def _colours(a: Answers) -> Iterator[str]:
    yield from _section("Colours: how urgent it is. The lowest first.")
    yield "colours:"
    width = max(len(grade.code) for grade in a.colours) + 1
    for grade in a.colours:
        keys = [f"label: {quoted(grade.label)}", f"tag: {grade.tag}"]
        keys += [f"level: {grade.level}"] * (grade.level is not None) + ["asks_nobody: true"] * grade.asks_nobody
        code = f"{grade.code}:"
        yield f"  {code:{width}} {{{', '.join(keys)}}}"
    yield "rating: {rerating: with_reason}  # up or down, with a reason"


def _hours(a: Answers) -> Iterator[str]:
    yield from _section("Opening hours", "Add a calendar for each agency whose hours differ. Odd days go into `dates`.")
    yield "calendars:"
    yield "  hub:"
    yield from (f"    {day}: {hours}" for day, hours in a.hours.items())
    yield f"    bank_holidays: {'open' if a.open_on_bank_holidays else 'closed'}"
    yield "intake: {calendar: hub}          # at any other time a contact is the emergency duty team's"


def _agencies(a: Answers) -> Iterator[str]:
    yield from _section(
        "Agencies", "`required_for`: asked, or set aside on record, before a decision. Any may be asked."
    )
    yield "agencies:" if a.agencies else "agencies: {}"
    for code, label in a.agencies.items():
        keys = [f"label: {quoted(label)}"] * (code not in a.named) + ["calendar: hub"]
        keys += [f"required_for: [{', '.join(a.required_for[code])}]"] * bool(a.required_for.get(code))
        yield f"  {code}: {{{', '.join(keys)}}}"
    yield "sharing: {partial_reply_stops_clock: false}  # a part of an answer is no answer"


def _outcomes(a: Answers) -> Iterator[str]:
    remark = (
        "What ends the work is looked at by a second person. What protects a child stands at once, and waits for no"
    )
    yield from _section("What can be decided", remark, "agency.")
    yield "outcomes:"
    yield "  no_further_action:           {label: No further action, oversight_for: always}"
    yield "  information_and_advice:      {label: Information and advice, oversight_for: always}"
    yield "  early_help:                  {label: Early help, oversight_for: never}"
    yield "  child_and_family_assessment: {label: Child and family assessment, oversight_for: never}"
    yield "  strategy_discussion:"
    yield "    label: Strategy discussion"
    yield "    oversight_for: always"
    yield "    waits_for_replies: false"
    yield "    stands_at_once: true"


def _clocks(a: Answers) -> Iterator[str]:
    yield from _section("Timescales", "`warn: 1 h` before and `escalate: [1 h, 4 h]` after can be added to each.")
    yield "clocks:                         # and statutory_decision from _baseline: one working day, for every contact"
    yield "  acknowledgement:"
    yield f"    timescale: {{due: {a.acknowledgement}}}"
    yield "  decision:"
    yield "    label: Decision"
    yield "    from: receipt"
    yield "    to: decision_recorded"
    yield "    calendar: hub"
    yield "    on_rerating: keeps_start      # a new colour counts from receipt all the same"
    yield "    restarts_on: [reopen, decision_undone]"
    yield from _by_rating(a)
    if a.agencies:
        yield "  agency_return:                # not asked about: as long as the decision has, from the request"
        yield "    label: Reply"
        yield "    from: agency_asked"
        yield "    to: agency_replied"
        yield "    calendar: agency"
        yield "    on_rerating: fixed            # a request keeps the time with which it was made"
        yield from _by_rating(a)
    if a.feedback != _NO_TARGET:
        yield "  feedback:"
        yield "    label: Tell the referrer the outcome"
        yield "    from: [decision_stands, transfer_accepted]"
        yield "    to: referrer_told"
        yield "    calendar: hub"
        yield "    unless_anonymous: true"
        yield f"    timescale: {{due: {a.feedback}}}"


def _by_rating(a: Answers) -> Iterator[str]:
    yield "    by_rating:"
    width = max(len(grade.code) for grade in a.colours) + 1
    for grade in reversed(a.colours):
        code = f"{grade.code}:"
        yield f"      {code:{width}} {{due: {a.times[grade.code]}}}"


def _concerns(a: Answers) -> Iterator[str]:
    yield from _section("What a contact can be about", "Sentences that suggest a colour go below, in `suggestions`.")
    yield "concerns:"
    yield from (f"  {code}: {label}" for code, label in CONCERNS.items())


CONCERNS = {
    "physical_abuse": "Physical abuse",
    "sexual_abuse": "Sexual abuse",
    "neglect": "Neglect",
    "emotional_abuse": "Emotional abuse",
    "domestic_abuse": "Domestic abuse",
    "parental_substance_misuse": "Parental substance misuse",
    "parental_mental_health": "Parental mental health",
    "missing": "Missing",
    "exploitation": "Exploitation",
    "self_harm": "Self-harm",
    "radicalisation": "Radicalisation",
    "fgm_risk": "Risk of female genital mutilation",
    "pre_birth": "Concern for an unborn child",
}


def _basis(a: Answers) -> Iterator[str]:
    remark = (
        "Once all is confirmed: remove this part and `unconfirmed`, and write `confirmed_by:` with who it was and when."
    )
    yield from _section("What each figure stands on", remark)
    answered = f"Answered on {_long(a.start.written_on)}; not confirmed yet."
    yield "basis:"
    yield f"  colours: &answered {{assumed: {answered}}}"
    yield "  calendars.hub: *answered"
    yield from ["  agencies: *answered"] * bool(a.agencies)
    yield "  clocks.acknowledgement: *answered"
    yield "  clocks.decision: *answered"
    yield from ["  clocks.feedback: *answered"] * (a.feedback != _NO_TARGET)
    yield "  kinds: &not_asked {assumed: Not asked about; the cautious default.}"
    for key in ("bank_holidays", "rating", "intake", "sharing", "outcomes", "clocks.statutory_decision", "concerns"):
        yield f"  {key}: *not_asked"
    yield from ["  clocks.agency_return: *not_asked"] * bool(a.agencies)
