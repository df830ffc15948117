"""A council's export in a test: a CSV and its map in a folder, read and judged as `mash import` does."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from mash.importing.acts import recorded
from mash.importing.mapfile import MapFile, read_map
from mash.importing.past import for_the_past
from mash.importing.reading import Bounds, Export, read_export
from mash.rules.ruleset import RuleSet
from mash.shadow import play
from mash.shadow_report import Shadow
from tests.support.hub import northbridge

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
LATEST = datetime(2026, 11, 1, tzinfo=UTC)
COLUMNS = {"reference": "Ref", "received": "Received"}
TIMES = {"formats": ["day/month/year hour:minute"]}


class Council:
    """Files in a folder, and the rules by which they are judged."""

    def __init__(self, folder: Path, rules: RuleSet | None = None) -> None:
        self.folder, self.rules = folder, rules or northbridge()
        self.csv, self.map, self.requests = folder / "c.csv", folder / "map.yaml", folder / "requests.csv"

    def has(self, text: str | bytes, requests: str | None = None, **keys: Any) -> "Council":
        """The export, and a map with these keys beside those that every map has."""
        self.csv.write_bytes(text if isinstance(text, bytes) else text.encode())
        if requests is not None:
            self.requests.write_text(requests, encoding="utf-8")
        whole = {"times": TIMES, **keys, "columns": {**COLUMNS, **keys.get("columns", {})}}
        self.map.write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True), encoding="utf-8")
        return self

    def read_map(self) -> MapFile:
        return read_map(self.map, self.rules)

    def read(self, until: datetime = LATEST) -> Export:
        """What the export holds."""
        requests = self.requests if self.requests.exists() else None
        past = for_the_past(self.rules)
        return read_export(self.csv, requests, self.read_map(), past.rules, Bounds(until, past.earliest))

    def judged(self, until: datetime | None = None) -> Shadow:
        """What the rules make of it."""
        export, found, rules = self.read(until or LATEST), self.read_map(), for_the_past(self.rules).rules
        recording = recorded(export.contacts, rules, found.mapped.columns, until)
        lines = {contact.reference: contact.line for contact in export.contacts}
        return Shadow(export, recording, play(recording, rules, found.mapped, lines), rules, found.mapped)

    def problems(self) -> list[str]:
        """Every row that is refused, and why."""
        return [str(row) for row in self.read().refused]
