"""The house keeps its own rules: who imports whom, who commits, who asks for the time, how big things are."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mash.permissions import PERMISSIONS, Permission
from mash.vocabulary import Verb
from mash.workflow.details import DETAILS
from mash.workflow.judging import VERBS

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(p for top in ("mash", "web") for p in (ROOT / top).rglob("*.py") if "vendor" not in p.parts)
PURE = (
    "mash.rules.",
    "mash.rule_advice.",
    "mash.workflow.states",
    "mash.workflow.clocks",
    "mash.workflow.episodes",
    "mash.workflow.history",
    "mash.workflow.change",
    "mash.workflow.telling",
    "mash.workflow.reading",
    "mash.workflow.details",
    "mash.workflow.verbs",
    "mash.workflow.judging",
    "mash.workflow.on_paper",
    "mash.workflow.obliging",
    "mash.silence.usual",
    "mash.silence.judging",
    "mash.silence.days",
    "mash.people.files",
    "mash.people.keys",
    "mash.permissions",
    "mash.recording_file",
    "mash.dry_run",
    "mash.importing.",
    "mash.shadow",
    "mash.shadow_report",
)
COMMON = ("mash.vocabulary", "mash.clock", "mash.errors", "mash.settings")
INNER = ("mash.models", "mash.workflow.states", "mash.workflow.scheduler", "mash.db")
ON_TOP = {
    "web.app": {"mash.db"},
    "web.house": {"mash.db"},
    "mash.cli": {"mash.db", "mash.workflow.scheduler"},
    "mash.replay": {"mash.db"},
}
"""Who stands on top, and what of the inside it may hold in its hands: the database, to pass it on; a bell, to ring."""


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root.rstrip(".") or name.startswith(root.rstrip(".") + ".") for root in roots)


def calls(file: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_the_domain_never_imports_the_web() -> None:
    for file in FILES:
        if name_of(file).startswith("mash"):
            assert not [name for name in imports(file) if within(name, ("web",))], file


def test_rules_states_clocks_and_verbs_know_no_database_and_no_page() -> None:
    forbidden = ("sqlalchemy", "fastapi", "starlette", "apscheduler", "mash.db", "mash.models", "web")
    pure = [file for file in FILES if within(name_of(file), PURE)]
    assert len(pure) > 20
    for file in pure:
        assert not [name for name in imports(file) if within(name, forbidden)], file


def test_who_plays_recorded_work_in_memory_never_even_loads_the_database() -> None:
    loaded = "import sys, mash.dry_run; print('sqlalchemy' in sys.modules, 'mash.db' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", loaded], cwd=ROOT, text=True).split() == ["False", "False"]


def test_the_common_four_import_nothing_of_ours_but_each_other() -> None:
    for file in FILES:
        if name_of(file) in COMMON:
            own = [name for name in imports(file) if name.startswith("mash.")]
            assert all(within(name, ("mash.errors",)) for name in own), file


def test_who_stands_on_top_calls_functions_and_touches_no_table() -> None:
    for file in FILES:
        name = name_of(file)
        if within(name, ("web", "mash.cli", "mash.replay", "mash.demo")):
            inner = {i for i in imports(file) if within(i, INNER)}
            allowed = ON_TOP.get(name, {"mash.db"})
            assert all(within(i, tuple(allowed)) for i in inner), (name, inner)


def test_packages_hold_a_docstring_and_nothing_else() -> None:
    for file in FILES:
        if file.name == "__init__.py":
            body = tree_of(file).body
            assert len(body) == 1 and ast.get_docstring(tree_of(file)), file


def test_every_module_says_first_what_it_answers() -> None:
    for file in FILES:
        assert ast.get_docstring(tree_of(file)), file


def test_only_the_database_module_commits() -> None:
    for file in FILES:
        if name_of(file) != "mash.db":
            ended = [
                call
                for call in calls(file)
                if call.endswith((".commit", ".rollback", ".begin_nested", "connection.begin"))
            ]
            assert not ended, (file, ended)


def test_only_the_clock_asks_for_the_time() -> None:
    asking = ("datetime.now", "datetime.utcnow", "date.today", "datetime.today", "time.time", "func.now")
    for file in FILES:
        if name_of(file) != "mash.clock":
            found = [c for c in calls(file) if c.endswith(asking)]
            assert not found, (file, found)
        assert not re.search(r"\b(now\(\)|CURRENT_TIMESTAMP)['\"]", file.read_text(encoding="utf-8")), file


def test_only_the_write_path_writes_the_stage() -> None:
    for file in FILES:
        if name_of(file) in ("mash.workflow.write", "mash.workflow.recording", "mash.workflow.settle"):
            continue
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"(update|insert)\(Contact\b", text), file
        for node in ast.walk(tree_of(file)):
            targets = node.targets if isinstance(node, ast.Assign) else []
            assert not [t for t in targets if isinstance(t, ast.Attribute) and t.attr == "state"], (file, node.lineno)


def test_every_verb_has_a_function_details_and_a_permission_that_somebody_has() -> None:
    whole = set(Verb)
    assert set(VERBS) == whole - {Verb.ANNOUNCE_BANK_HOLIDAY}
    assert set(DETAILS) == whole
    for verb in whole:
        assert [role for role, may in PERMISSIONS.items() if Permission(verb.value) in may]


def test_no_file_is_longer_than_500_lines_and_no_function_than_60() -> None:
    for file in FILES:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 500, file
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, (file, node.name)


def test_public_functions_and_classes_say_what_they_promise() -> None:
    for file in FILES:
        for node in tree_of(file).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if name_of(file) == "mash.workflow.states" and len(node.body) == 1:
                    continue  # routing conditions are named as sentences
                assert ast.get_docstring(node), (file, node.name)


@pytest.mark.parametrize(
    "word", [r"(?<!no-emit-)index" + "-url", r"\"resolved\": \"http", "pypi" + r"\.org", "npmjs" + r"\.(org|com)"]
)
def test_no_file_names_a_registry(word: str) -> None:
    for file in ROOT.rglob("*"):
        parts = file.relative_to(ROOT).parts
        hidden = parts[0] in (".git", ".venv", "node_modules") or "vendor" in parts or "__pycache__" in parts
        text_file = file.suffix in (".py", ".txt", ".in", ".json", ".toml", ".yml", ".yaml", ".md", ".cfg", ".sh", "")
        if (
            not hidden
            and file.is_file()
            and text_file
            and not parts[0].startswith((".mypy", ".pytest", ".ruff", ".hypo"))
        ):
            assert not re.search(word, file.read_text(encoding="utf-8", errors="ignore")), file
