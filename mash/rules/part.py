"""What every part of a rule set has in common."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of a rule set: unknown keys are refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
