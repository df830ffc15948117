"""What is asked for each act on a contact, and which facts stand beside the questions? Forms as data, one per verb."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mash.permissions import Actor
from mash.vocabulary import Agreement, Cause, Handling, Reply, Verb
from mash.workflow.shown import AgencyShown, ContactPage, DeadlineShown
from web.contact_form import AGREEMENT, people_sheet
from web.fields import Choice, Field, Look, Section, Sheet, Typed, choices
from web.pages import short
from web.words import Language, Saying, marked

LEVELS = (
    Choice("1", "Level 1: universal services are enough"),
    Choice("2", "Level 2: early help"),
    Choice("3", "Level 3: complex needs, a child in need"),
    Choice("4", "Level 4: acute need, significant harm or the risk of it"),
)
"""Source: the levels of the London threshold document, in short."""

Start = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class ActForm:
    """The form of one act. `beside` names the parts of the contact that are shown with it; `start` fills it in."""

    button: str
    sheet: Callable[[ContactPage, Actor], Sheet] = lambda page, actor: ()
    beside: tuple[str, ...] = ()
    start: Callable[[ContactPage], Start] = lambda page: {}
    hint: str = ""


def _asks(*fields: Field) -> Callable[[ContactPage, Actor], Sheet]:
    return lambda page, actor: (Section(fields=fields),)


def _reason(label: str, missing: str = "", hint: str = "", name: str = "reason") -> Field:
    return Field(name, label, Look.PROSE, hint=hint, required=missing)


# ---- Screening ------------------------------------------------------------------------------------------------------


def _rate(page: ContactPage, actor: Actor) -> Sheet:
    colours = [
        Choice(code, colour.label, marked("Suggested") if code == page.suggested else "")
        for code, colour in reversed(page.rules.colours.items())
    ]
    rag = Field("rag", "Rating", Look.RADIOS, choices=tuple(colours), required="Choose a colour.")
    hint = marked("Needed when you change a rating, or rate lower than suggested.")
    return (Section(fields=(rag, Field("rationale", "Rationale", Look.PROSE, hint=hint))),)


# ---- Agencies -------------------------------------------------------------------------------------------------------


def _still_to_ask(page: ContactPage) -> list[str]:
    return [
        code
        for code in page.rules.required_for(page.rag, page.picture.concerns)
        if code not in page.picture.asked_or_waived
    ]


def _missing(page: ContactPage) -> list[str]:
    """Agencies without which a decision is taken only by saying so: no answer yet, or not asked."""
    wanted = page.picture.awaited | set(_still_to_ask(page))
    return [code for code in page.rules.agencies if code in wanted]


def _standing(shown: AgencyShown | None) -> str:
    """Where the exchange with an agency stands, in a few words."""
    if shown is None:
        return ""
    if shown.awaited:
        return _awaited(shown)
    if shown.replies:
        return Saying("Last answered %(at)s", at=_short(shown.replies[-1].at))
    return marked("Decided to go on without") if shown.waived else marked("Required for this rating, not asked yet")


def _awaited(shown: AgencyShown) -> str:
    if not shown.asked_at:
        return marked("No reply yet")
    asked = _short(shown.asked_at)
    if not shown.due_at:
        return Saying("Asked %(asked)s, no reply yet", asked=asked)
    due = _short(shown.due_at)
    if shown.late:
        return Saying("Asked %(asked)s, no reply yet, due %(due)s, out of timescale", asked=asked, due=due)
    return Saying("Asked %(asked)s, no reply yet, due %(due)s", asked=asked, due=due)


def _short(at: datetime) -> Callable[[Language], str]:
    return lambda language: short(at, language=language)


def _agency_choices(page: ContactPage, codes: list[str]) -> tuple[Choice, ...]:
    shown = {agency.code: agency for agency in page.agencies}
    return tuple(Choice(code, page.rules.agencies[code].label, _standing(shown.get(code))) for code in codes)


def needs_agreement(page: ContactPage) -> bool:
    """Whether agencies are asked only with the family's agreement, and it is not there."""
    colour = page.rag or page.suggested or page.rules.lowest
    there = page.agreement in (Agreement.GIVEN, Agreement.NOT_REQUIRED)
    return colour in page.rules.sharing.agreement_needed_for and not there


def _ask(page: ContactPage, actor: Actor) -> Sheet:
    everybody = _agency_choices(page, list(page.rules.agencies))
    fields = [
        Field("agencies", "Whom to ask", Look.CHECKBOXES, choices=everybody, required="Choose whom to ask."),
        Field("question", "Question", Look.PROSE, hint="What do you need to know, about the children and the adults?"),
    ]
    if needs_agreement(page):
        fields.append(_without_agreement(page, actor))
    return (Section(fields=tuple(fields)),)


def _without_agreement(page: ContactPage, actor: Actor) -> Field:
    may = actor.role in page.rules.sharing.agreement_waived_by
    who = " or ".join(role.label.lower() for role in page.rules.sharing.agreement_waived_by)
    hint = "" if may else Saying("Only a %(who)s may say this. Otherwise record the agreement first.", who=who)
    label = marked("Why agencies are asked without the family’s agreement")
    return Field("without_agreement_because", label, Look.PROSE, hint=hint)


def _reply(page: ContactPage, actor: Actor) -> Sheet:
    order = sorted(page.rules.agencies, key=lambda code: code not in page.picture.awaited)
    colours = [Choice(code, colour.label) for code, colour in reversed(page.rules.colours.items())]
    seen = (Choice("", "Not said"), *colours)
    fields = (
        Field("agency", "Agency", Look.RADIOS, choices=_agency_choices(page, order), required="Choose the agency."),
        Field("reply", "Reply", Look.RADIOS, choices=choices(Reply), required="Choose what they say."),
        Field("summary", "What they said", Look.PROSE, rows=6),
        Field("handling", "Handling", Look.RADIOS, hint="As the agency says.", choices=choices(Handling)),
        Field("risk", "How the agency sees the risk, if it says", Look.RADIOS, choices=seen, inline=True),
        Field("given_by", "Given by", hint="Name and role of whoever you spoke to"),
    )
    return (Section(fields=fields),)


def _go_on(page: ContactPage, actor: Actor) -> Sheet:
    missing = _agency_choices(page, _missing(page))
    agencies = Field("agencies", "Go on without", Look.CHECKBOXES, choices=missing, required="Choose the agencies.")
    return (Section(fields=(agencies, _reason("Rationale", "Say why it is right to go on.", name="rationale"))),)


# ---- Deciding -------------------------------------------------------------------------------------------------------


def _decide(page: ContactPage, actor: Actor) -> Sheet:
    outcomes = tuple(Choice(code, rule.label, _oversight(page, code)) for code, rule in page.rules.outcomes.items())
    fields = [Field("outcome", "Outcome", Look.RADIOS, choices=outcomes, required="Choose an outcome.")]
    if len(page.children) > 1:
        fields += [
            Field(
                f"children-{n}",
                Saying("%(child)s, %(about)s: other outcome", child=child.name, about=child.about),
                Look.SELECT,
                choices=tuple(Choice(choice.value, choice.label) for choice in outcomes),
                path=("children", child.label),
            )
            for n, child in enumerate(page.children)
        ]
    fields.append(Field("threshold_level", "Threshold level", Look.RADIOS, hint="How much need.", choices=LEVELS))
    if missing := _agency_choices(page, _missing(page)):
        fields.append(Field("without", "Decide without", Look.CHECKBOXES, choices=missing))
    hint = marked("What you know, what you weighed, why this outcome.")
    rationale = Field("rationale", "Rationale", Look.PROSE, hint=hint, rows=8, required="Give the rationale.")
    return (Section(fields=(*fields, rationale)),)


def _oversight(page: ContactPage, outcome: str) -> str:
    if not page.rules.oversight_needed({outcome}, page.rag):
        return ""
    if page.rules.outcomes[outcome].stands_at_once:
        return marked("Takes effect at once; management oversight follows")
    return marked("Waits for management oversight")


_SIGN = (
    Field(
        "agree",
        "Do you agree with this decision?",
        Look.YES_NO,
        required="Say whether you agree.",
        choices=(Choice("yes", "Yes, I agree"), Choice("no", "No, it goes back to be decided again")),
    ),
    Field("comment", "Comment", Look.PROSE, hint="Needed if you do not agree."),
)

# ---- Afterwards -----------------------------------------------------------------------------------------------------


def _event(page: ContactPage, actor: Actor) -> Sheet:
    events = tuple(Choice(code, label) for code, label in page.rules.events.items())
    return (
        Section(
            fields=(
                Field("event", "What happened", Look.RADIOS, choices=events, required="Choose what happened."),
                Field("occurred_at", "When it happened", Look.WHEN, hint="Now, where you leave this blank."),
            )
        ),
    )


def _clock_field(clocks: list[DeadlineShown], label: str) -> Field:
    named = tuple(
        Choice(clock.clock, f"{clock.label}{f' ({clock.agency_label})' if clock.agency_label else ''}")
        for clock in clocks
    )
    return Field("clock", label, Look.RADIOS, choices=named, required="Choose a clock.")


def _pause(page: ContactPage, actor: Actor) -> Sheet:
    longest = page.rules.pausing.longest_days
    fields = (
        _clock_field([clock for clock in page.clocks if clock.pausable], "Clock to pause"),
        Field(
            "until",
            "Until",
            Look.WHEN,
            hint=Saying("At most %(n)s days from now.", n=longest),
            required="Say until when.",
        ),
        _reason("Reason", "Say why the clock is paused."),
    )
    return (Section(fields=fields),)


def _resume(page: ContactPage, actor: Actor) -> Sheet:
    clock = _clock_field([clock for clock in page.clocks if clock.paused], "Clock that goes on")
    return (Section(fields=(clock, _reason("Reason"))),)


def _lift(page: ContactPage, actor: Actor) -> Sheet:
    clocks = dict.fromkeys(clock for _, clock in page.liftable)
    named = tuple(Choice(code, page.rules.clocks[code].label) for code in clocks)
    exceptions = tuple(
        Choice(code, page.rules.exceptions[code].label) for code in dict.fromkeys(code for code, _ in page.liftable)
    )
    fields = (
        Field("clock", "Deadline to lift", Look.RADIOS, choices=named, required="Choose a clock."),
        Field("exception", "Exception", Look.RADIOS, choices=exceptions, required="Choose the exception."),
        _reason("Reason", "Say why the deadline is lifted."),
    )
    return (Section(fields=fields),)


def _hand_to(page: ContactPage, actor: Actor) -> Sheet:
    others = tuple(Choice(user_id, name) for user_id, name in page.colleagues if user_id != page.picture.held_by)
    to = Field("to", "To whom", Look.SELECT, choices=others, required="Choose a colleague.")
    return (Section(fields=(to, _reason("What there is to know", name="note"))),)


def _take_alert(page: ContactPage, actor: Actor) -> Sheet:
    untaken = [one for one in page.clocks if one.alarms and one.taken_by != actor.user_id]
    return (Section(fields=(_deadline_field(untaken, "What you take on"),)),)


def _hand_alert_to(page: ContactPage, actor: Actor) -> Sheet:
    own = [one for one in page.clocks if one.may_be_handed_on_by(actor)]
    everybody = tuple(Choice(user_id, name) for user_id, name in page.colleagues if user_id != actor.user_id)
    fields = (
        _deadline_field(own, "What a colleague will answer for"),
        Field("to", "To whom", Look.SELECT, choices=everybody, required="Choose a colleague."),
        _reason("What there is to know", name="note"),
    )
    return (Section(fields=fields),)


def _resolve(page: ContactPage, actor: Actor) -> Sheet:
    late = [one for one in page.clocks if one.resolvable]
    done = marked("What was done, and what would keep it from happening again.")
    fields = (
        _deadline_field(late, "What was out of timescale", with_due=True),
        Field("cause", "Why", Look.RADIOS, choices=choices(Cause), required="Choose why it was out of timescale."),
        _reason("What was done about it", "Say what was done about it.", done, name="remedy"),
    )
    return (Section(fields=fields),)


def _deadline_field(clocks: list[DeadlineShown], label: str, *, with_due: bool = False) -> Field:
    named = tuple(Choice(one.named, f"{_in_full(one)}{f', {short(one.due_at)}' if with_due else ''}") for one in clocks)
    return Field("clock", label, Look.RADIOS, choices=named, required="Choose a deadline.")


def _in_full(one: DeadlineShown) -> str:
    return f"{one.agency_label}: {one.label}" if one.agency_label else one.label


def _annul(page: ContactPage, actor: Actor) -> Sheet:
    annullable = [one for one in page.clocks if one.annullable]
    fields = (
        _deadline_field(annullable, "What should not have been out of timescale", with_due=True),
        _reason("Reason", "Say why it should not have been out of timescale."),
    )
    return (Section(fields=fields),)


def _feedback_hint(page: ContactPage) -> str:
    if page.referrer_shielded:
        return marked("This referrer is shielded. Make sure that nobody else hears or reads it.")
    return marked("Tell the outcome as far as it is theirs to know. No more of the family than they told you.")


def _feedback(page: ContactPage, actor: Actor) -> Sheet:
    return (Section(fields=(Field("note", "What was said, and how", Look.PROSE, hint=_feedback_hint(page)),)),)


def _close(page: ContactPage, actor: Actor) -> Sheet:
    undecided = page.decision is None
    missing = (
        marked("Say why it is closed without a decision.") if undecided and not page.picture.reading_confirmed else ""
    )
    return (Section(fields=(_reason("Reason" if missing else "Reason, if there is more to say", missing),)),)


FORMS: Mapping[Verb, ActForm] = {
    Verb.CLAIM: ActForm("Take it on", beside=("reported",)),
    Verb.RELEASE: ActForm("Put it back", _asks(_reason("Reason, if there is more to say"))),
    Verb.HAND_TO: ActForm("Hand it on", _hand_to, ("reported",)),
    Verb.TAKE_ALERT: ActForm("Take it on", _take_alert, ("clocks",)),
    Verb.HAND_ALERT_TO: ActForm(
        "Hand it on",
        _hand_alert_to,
        ("clocks",),
        hint="Your colleague answers for it from now on, and further alerts go to them.",
    ),
    Verb.ADD_NOTE: ActForm(
        "Add the note",
        _asks(
            Field("note", "Note", Look.PROSE, hint="Such as: tried mum 14:10, no answer.", required="Write the note.")
        ),
    ),
    Verb.ADD_FACTS: ActForm(
        "Add",
        lambda page, actor: people_sheet(page.rules, tuple(page.picture.concerns)),
        ("people",),
        hint="The suggestion is worked out again. The rating stays until somebody changes it.",
    ),
    Verb.RECORD_AGREEMENT: ActForm(
        "Record",
        lambda page, actor: (
            Section(
                fields=(
                    Field("status", AGREEMENT[0].label, Look.RADIOS, AGREEMENT[0].hint, AGREEMENT[0].choices),
                    Field("reason", "About it", Look.PROSE, hint="Needed for “not required”."),
                )
            ),
        ),
        start=lambda page: {"status": (page.agreement.value,)},
    ),
    Verb.ACKNOWLEDGE: ActForm("Record that it is acknowledged", beside=("referrer",)),
    Verb.ACCEPT_HANDOVER: ActForm("Accept the hand-over", beside=("reported",)),
    Verb.CONFIRM_READ: ActForm("Confirm that it has been read"),
    Verb.START_SCREENING: ActForm("Start screening", beside=("reported",)),
    Verb.RATE_CONTACT: ActForm(
        "Rate",
        _rate,
        ("suggestion", "reported", "people", "earlier"),
        lambda page: {"rag": (page.rag,)} if page.rag else {},
    ),
    Verb.REQUEST_INFORMATION: ActForm(
        "Ask",
        _ask,
        ("reported", "people"),
        lambda page: {"agencies": tuple(_still_to_ask(page))},
    ),
    Verb.RETURN_INFORMATION: ActForm(
        "Record the reply",
        _reply,
        ("agencies",),
        lambda page: (
            {"handling": (Handling.HUB_ONLY.value,)}
            | ({"agency": tuple(page.picture.awaited)} if len(page.picture.awaited) == 1 else {})
        ),
    ),
    Verb.PROCEED_WITHOUT: ActForm("Go on without", _go_on, ("agencies",)),
    Verb.RECORD_DECISION: ActForm("Record the decision", _decide, ("agencies", "reported", "people", "earlier")),
    Verb.WITHDRAW_DECISION: ActForm(
        "Withdraw the decision", _asks(_reason("Reason", "Say why the decision is withdrawn.")), ("decision",)
    ),
    Verb.SIGN_OFF: ActForm("Record", _asks(*_SIGN), ("decision", "agencies", "reported", "people")),
    Verb.GIVE_FEEDBACK: ActForm("Record that they were told", _feedback, ("referrer", "decision")),
    Verb.RECORD_EVENT: ActForm("Record", _event),
    Verb.PAUSE_CLOCK: ActForm("Pause", _pause, ("clocks",)),
    Verb.RESUME_CLOCK: ActForm("Resume", _resume, ("clocks",)),
    Verb.LIFT_DEADLINE: ActForm(
        "Lift the deadline",
        _lift,
        ("clocks",),
        hint="What was out of timescale stays on record. The statutory clock runs on.",
    ),
    Verb.RESOLVE_BREACH: ActForm(
        "Record it",
        _resolve,
        ("clocks",),
        hint="It stays out of timescale and on record. A clock that still runs runs on.",
    ),
    Verb.ANNUL_BREACH: ActForm(
        "Annul it",
        _annul,
        ("clocks",),
        hint="It stays on record with your name and reason. A clock that still runs begins anew from now.",
    ),
    Verb.RETURN_TO_REFERRER: ActForm(
        "Return",
        _asks(_reason("What the referrer has to do", "Say what the referrer has to do.")),
        ("reported", "referrer"),
        hint="It stays ours: clocks run on where the rules say so.",
    ),
    Verb.RESUBMIT: ActForm("Record that it came back", beside=("reported",)),
    Verb.TRANSFER_OUT: ActForm(
        "Offer the transfer",
        _asks(
            Field("to", "To which authority", required="Say to which authority."),
            _reason("Why it is theirs", "Say why it is theirs.", name="rationale"),
        ),
        ("people",),
        hint="It stays ours until they accept.",
    ),
    Verb.TRANSFER_ACCEPTED: ActForm("Record that it was accepted"),
    Verb.TRANSFER_REFUSED: ActForm("Take it back", _asks(_reason("Reason", "Say why it comes back."))),
    Verb.REOPEN: ActForm("Reopen", _asks(_reason("Reason", "Say why it is reopened.")), ("decision",)),
    Verb.CLOSE: ActForm("Close", _close, ("decision",)),
}


def start(form: ActForm, page: ContactPage, chosen: Mapping[str, str]) -> Typed:
    """The form before anything is typed. `chosen` comes from the link that led here: an agency, nothing more."""
    filled = form.start(page)
    agency = chosen.get("agency", "")
    return Typed(filled | {"agency": (agency,)} if agency in page.rules.agencies else filled)
