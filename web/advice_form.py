"""What is recorded of a call in which somebody only wanted advice and gave no names? The shortest form that we have."""

from typing import Annotated

from pydantic import Field as Limited

from mash.vocabulary import Channel, Kind, Source
from mash.workflow.details import Child, Details, Reason, ReceiveContact, Referrer
from web.contact_form import SOURCE, with_key
from web.fields import Field, Look, Section, Sheet, Typed
from web.forms import Errors, read

Half = Annotated[str, Limited(max_length=20_000)]
"""Both texts become one narrative."""

SHEET: Sheet = (
    Section(
        fields=(
            Field(
                "asked",
                "What was asked?",
                Look.PROSE,
                hint="No names: “a boy of seven”. If a child is named, record a contact instead.",
                rows=3,
                required="Say what was asked.",
                begins=True,
            ),
            Field("advised", "What did you advise?", Look.PROSE, rows=3, required="Say what you advised."),
        )
    ),
    Section(
        "Who asked, if they said",
        fields=(Field("referrer-role", "Role or organisation", hint="Teacher, Larch Primary School"), SOURCE),
        grid=True,
    ),
)


class Advice(Details):
    """A question and what was advised, by telephone, with no child named."""

    asked: Half | None = None
    advised: Half | None = None
    referrer: Referrer = Referrer()
    source: Source | None = None

    @property
    def contact(self) -> ReceiveContact:
        """As it is recorded: about one child of whom nothing is known."""
        return ReceiveContact(
            kind=Kind.ADVICE,
            channel=Channel.PHONE,
            source=self.source,
            referrer=self.referrer,
            children=(Child(),),
            narrative=f"{self.asked}\n\nAdvised: {self.advised}",
        )

    @property
    def closing(self) -> Reason:
        """Why it is closed at once."""
        return Reason(reason="Advice given in the call; no child named.")


def blank_advice() -> Typed:
    """The form before anything is typed, with a key so that it is stored once."""
    return with_key(Typed())


def read_advice(typed: Typed) -> tuple[Advice | None, Errors]:
    """The call, or what is wrong with which field."""
    found = read(SHEET, typed, Advice)
    return found.details, found.errors
