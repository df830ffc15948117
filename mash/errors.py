"""What can be said to a person when something cannot be done. Imports nothing of ours.

These are expected: their text is for a social worker, one handler shows them, and none holds personal data. Anything
else that is raised is a bug.
"""

from pathlib import Path
from traceback import extract_tb


def where_raised(error: Exception) -> str:
    """What kind of error it is and where it was raised. Never its text, which may hold what somebody typed."""
    frames = extract_tb(error.__traceback__)[-3:]
    return ", ".join([type(error).__name__, *(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))])


class MashError(Exception):
    """Something that was expected and can be explained. `reasons` are sentences; `status` is the HTTP status."""

    status = 400

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return " ".join(self.reasons)


class NotFound(MashError):
    """It does not exist, or this person may not know of it: the two must look alike."""

    status = 404


class NotPermitted(MashError):
    """This person knows of it but may not do this."""

    status = 403


class Refused(MashError):
    """The workflow or the rule set does not allow it now. Every reason is given at once."""

    status = 409


class Conflict(MashError):
    """Somebody else changed the contact since this person looked at it."""

    status = 409


class BadInput(MashError):
    """What was handed in cannot be read. Says what, where (file and line, or field) and what to do."""

    status = 422


class Unsure(MashError):
    """The database went away at the very moment of storing: nobody can know whether it is stored."""

    status = 503


class Unsafe(MashError):
    """The installation is not fit to run: the program says why and stops."""

    status = 503
