"""Which invented reports are there, and what do people write about them? Reads the files beside it; knows no clock.

A report is a child's story as one referrer tells it. `about` lists its children: F girl, M boy, U unborn, then years
(`m` months, `w` weeks; for the unborn, weeks to go; `?` not known), then `-` no surname, `_` no name at all, `*` has an
allocated worker; `+` stands before one who is found later. `around` lists adults: `!` is said to pose the risk, `/`
lives elsewhere, `?` name not known. `stage` is where the report stands at present (without it, it is only told of the
past), `way` by which steps it came there, where that is not the usual way.
"""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from mash.vocabulary import Channel, Kind, Source, State

_HERE = Path(__file__).parent
Pace = Literal["calm", "soon", "late"]


class Said(BaseModel):
    """Something read from a file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReferrerSort(Said):
    """A sort of referrer: the code of the source, the way it arrives and when."""

    source: Source
    channel: Channel
    arrives: Literal["school", "day", "night", "closed", "any"]
    role: str | None = None
    organisation: str | None = None
    mail: str | None = None
    of_family: str | None = Field(None, alias="is")
    anonymous: bool = False
    shielded: bool = False


class Heritage(Said):
    """Names that go together, with ethnicity codes as often as they are met."""

    ethnicities: tuple[str, ...]
    surnames: tuple[str, ...]
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]


class Names(Said):
    """Everything that has a name in the invented borough."""

    plainly_invented: tuple[str, ...]
    heritages: tuple[Heritage, ...]
    streets: tuple[str, ...]
    primaries: tuple[str, ...]
    secondaries: tuple[str, ...]
    nurseries: tuple[str, ...]
    surgeries: tuple[str, ...]
    hospitals: tuple[str, ...]
    authorities: tuple[str, ...]
    referrers: dict[str, ReferrerSort]


class Report(Said):
    """One report. Texts hold the family's names as {child}, {mother}, …"""

    name: str
    from_: str = Field(alias="from")
    kind: Kind = Kind.REFERRAL
    about: str
    around: str = ""
    concerns: tuple[str, ...] = ()
    says: str
    agreement: str
    parents: str = ""
    rag: str | None = None
    rated: str | None = None
    ask: tuple[str, ...] = ()
    outcome: str | None = None
    why: str | None = None
    siblings: dict[int, str] = Field(default_factory=dict)
    because: str | None = None
    without_because: str | None = None
    stage: State | None = None
    way: str | None = None
    pace: Pace = "calm"
    handover: Literal["accepted", "waiting", "forgotten"] = "accepted"
    open_cases: bool = False
    heritage: int | None = None
    withheld: bool = False
    family: str | None = None
    earlier: tuple[str, ...] = ()
    keyed_after_days: int = 0

    @property
    def colours(self) -> list[str]:
        """The colours that it is given, in order."""
        return self.rag.split(">") if self.rag else []


@cache
def names() -> Names:
    """The names of the invented borough."""
    return Names.model_validate(_read("names.yaml"))


@cache
def words() -> dict[str, Any]:
    """What people write, by occasion."""
    found: dict[str, Any] = _read("words.yaml")
    return found


@cache
def reports() -> dict[str, Report]:
    """Every report by its name."""
    read = [Report.model_validate(item) for file in sorted(_HERE.glob("reports_*.yaml")) for item in _read(file.name)]
    return {report.name: report for report in read}


def _read(name: str) -> Any:
    return yaml.load((_HERE / name).read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
