"""Write the pages that are generated from the code."""

from pathlib import Path

import authorities
import messages
import words
from mash.rules import reference
from mash.workflow import states

DOCS = Path(__file__).resolve().parent.parent / "docs"
REFERENCE = DOCS / "rule-set-reference.md"

(DOCS / "states.md").write_text(states.as_markdown(), encoding="utf-8")
(DOCS / "messages.md").write_text(messages.page(), encoding="utf-8")
words.write()
authorities.write()
REFERENCE.write_text(reference.filled(REFERENCE.read_text(encoding="utf-8")), encoding="utf-8")
