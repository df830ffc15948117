"""How does a rule set say where a figure comes from, and how sure anybody is of it? Knows no file and no other part."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from mash.rules.notation import SomeNames, Text
from mash.rules.part import Part


class Publication(Part):
    """A page or paper on which figures of this rule set are published."""

    title: Text = Field(description="What it is called.", examples=["Riverside threshold document"])
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] = Field(
        description="Where it is, beginning with `https://` or `http://`.", examples=["https://example.org/thresholds"]
    )
    dated: Text | None = Field(
        None, description="The date that it gives itself. Left out, it gives none.", examples=["March 2026"]
    )
    read: Text = Field(description="When somebody read it.", examples=["November 2026"])

    @property
    def when(self) -> str:
        """`dated March 2026, read November 2026`."""
        return f"dated {self.dated}, read {self.read}" if self.dated else f"undated, read {self.read}"


class Basis(Part):
    """What a figure stands on. Published and assumed may stand together: the number published, its counting assumed."""

    published: SomeNames | None = Field(
        None, description="On which of the `sources` it is published.", examples=["thresholds", "[thresholds, leaflet]"]
    )
    assumed: Text | None = Field(
        None,
        description="What is not published, and why it was set so. Somebody has to confirm it.",
        examples=["No hours are published; nine to five."],
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.published is None and self.assumed is None:
            raise ValueError("say `published:` with a source, or `assumed:` with the reason, or both")
        return self
