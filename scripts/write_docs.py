"""Write the pages that are generated from the code."""

from pathlib import Path

from mash.workflow import states

DOCS = Path(__file__).resolve().parent.parent / "docs"

(DOCS / "states.md").write_text(states.as_markdown(), encoding="utf-8")
