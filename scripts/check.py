"""Everything a change must pass, layer by layer, each with its time: `make check`."""

from __future__ import annotations

import subprocess
import sys
import time

from machine import PYTHON, ROOT

BIN = PYTHON.parent

LAYERS = {
    "lint": (BIN / "ruff", "check", "."),
    "format": (BIN / "ruff", "format", "--check", "."),
    "types": (BIN / "mypy",),
    "migrations in step": (BIN / "mash", "migrate", "--check"),
    "rule sets": (BIN / "mash", "rules", "check"),
    "tests": (PYTHON, "scripts/run_tests.py"),
}


def main() -> None:
    results = {name: passes(name, command) for name, command in LAYERS.items()}
    print()
    for name, (passed, seconds) in results.items():
        print(f"{'passed' if passed else 'FAILED':8}{name:20}{seconds:7.1f} s")
    sys.exit(0 if all(passed for passed, _ in results.values()) else 1)


def passes(name: str, command) -> tuple[bool, float]:
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    status = subprocess.run([str(word) for word in command], cwd=ROOT, stdin=subprocess.DEVNULL).returncode
    return status == 0, time.monotonic() - start


if __name__ == "__main__":
    main()
