"""How is a simple contact screened out in one go? Rating, decision, word to the referrer and closing in one short form.

Each is an act of its own on the record, all at one instant; where one of them is refused none is done.
"""

from typing import Literal

from mash.rules.ruleset import OutcomeRules
from mash.vocabulary import State, Verb
from mash.workflow.details import DETAILS, Code, Details, Prose
from mash.workflow.shown import ContactPage
from web.fields import Choice, Field, Look, Section, Sheet
from web.words import Saying, marked

NEEDED = (Verb.START_SCREENING, Verb.RATE_CONTACT, Verb.RECORD_DECISION, Verb.GIVE_FEEDBACK, Verb.CLOSE)
FROM = (State.RECEIVED, State.SCREENING)
BESIDE = ("suggestion", "reported", "people", "earlier")
TOLD, LATER = "told", "later"


class ScreenOut(Details):
    """What the form says. `feedback` is empty where nobody can be told."""

    rag: Code
    outcome: Code
    rationale: Prose
    feedback: Literal["told", "later"] | None = None
    note: Prose | None = None


def fits(page: ContactPage) -> bool:
    """Whether this person may do all of it to this contact as it now is, and the rules suggest asking nobody."""
    return not against(page)


def against(page: ContactPage) -> tuple[str, ...]:
    """Every reason why it has to go step by step."""
    offered = {option.verb for option in page.verbs}
    to_ask = page.rules.required_for(page.suggested, page.picture.concerns)
    named = " and ".join(page.rules.agencies[code].label for code in to_ask)
    reasons = {
        f"Its stage is “{page.state.label.lower()}” by now.": page.state not in FROM,
        "An agency has been asked, or has told something.": any(a.asked_at or a.replies for a in page.agencies),
        f"By what the rules suggest, {named} must be asked.": bool(to_ask),
        "Your role may not do all of it.": not offered.issuperset(NEEDED),
        "Every outcome of these rules leads elsewhere, or needs management oversight.": not _outcomes(page),
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def sheet(page: ContactPage) -> Sheet:
    """What has to be said. Only outcomes that end here and, in some colour, need nobody's oversight."""
    colours = tuple(
        Choice(code, colour.label, marked("Suggested") if code == page.suggested else "")
        for code, colour in reversed(page.rules.colours.items())
    )
    outcomes = tuple(Choice(code, outcome.label) for code, outcome in _outcomes(page).items())
    why = marked(
        "What you know, what you weighed, why this needs nothing more. It goes with the rating and the decision."
    )
    fields = [
        Field("rag", "Rating", Look.RADIOS, choices=colours, required="Choose a colour.", inline=True),
        Field("outcome", "Decision", Look.RADIOS, choices=outcomes, required="Choose an outcome."),
        Field("rationale", "Rationale", Look.PROSE, hint=why, rows=5, required="Give the rationale."),
    ]
    if not page.referrer_anonymous:
        told = (
            Choice(TOLD, "Told now"),
            Choice(
                LATER, "Not told yet", "The contact is closed all the same, and stays on the list of who is to be told."
            ),
        )
        fields.append(
            Field("feedback", "The referrer", Look.RADIOS, choices=told, required="Say whether they were told.")
        )
        fields.append(
            Field("note", "What was said, and how", hint="Where they were told. No more than is theirs to know.")
        )
    return (Section(fields=tuple(fields)),)


def problems(page: ContactPage, wanted: ScreenOut) -> dict[str, str]:
    """What is wrong with an answer that fits the form, by field."""
    if not page.rules.oversight_needed({wanted.outcome}, wanted.rag):
        return {}
    label, colour = page.rules.outcomes[wanted.outcome].label, page.rules.colour_label(wanted.rag).lower()
    sentence = "“%(outcome)s” needs management oversight for %(rating)s: rate it, then record the decision by itself."
    return {"outcome": Saying(sentence, outcome=label, rating=colour)}


def acts(page: ContactPage, wanted: ScreenOut) -> list[tuple[Verb, Details]]:
    """The acts, in their order."""
    said: list[tuple[Verb, dict[str, str | None]]] = [
        (Verb.RATE_CONTACT, {"rag": wanted.rag, "rationale": wanted.rationale}),
        (Verb.RECORD_DECISION, {"outcome": wanted.outcome, "rationale": wanted.rationale}),
        (Verb.CLOSE, {}),
    ]
    if wanted.feedback == TOLD:
        said.insert(2, (Verb.GIVE_FEEDBACK, {"note": wanted.note}))
    if page.state is State.RECEIVED:
        said.insert(0, (Verb.START_SCREENING, {}))
    return [(verb, DETAILS[verb].model_validate(fields)) for verb, fields in said]


def _outcomes(page: ContactPage) -> dict[str, OutcomeRules]:
    rules = page.rules
    return {
        code: outcome
        for code, outcome in rules.outcomes.items()
        if outcome.destination is None
        and not outcome.stands_at_once
        and any(not rules.oversight_needed({code}, colour) for colour in rules.colours)
    }
