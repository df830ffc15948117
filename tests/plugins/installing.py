"""Packages with rule sets as Python really finds them: installed into a folder of their own, there for one test."""

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mash.rules import plugins

PROJECT = Path(__file__).parent / "riverside_rules"
"""The package shown in docs/python-rule-sets.md."""

_OFFLINE = ("--no-index", "--no-deps", "--no-build-isolation", "--no-compile", "--disable-pip-version-check", "--quiet")
_OFFERED = """
from pathlib import Path
from mash.rules.plugins import PythonRuleSet
"""


def install(folder: Path) -> Path:
    """Riverside's package, installed by pip below `folder`; where it is."""
    built = shutil.copytree(PROJECT, folder / "project", ignore=shutil.ignore_patterns("__pycache__"))
    site = folder / "site"
    subprocess.run([sys.executable, "-m", "pip", "install", *_OFFLINE, "--target", site, built], check=True)
    return site


def write(site: Path, package: str, source: str, point: str = "riverside") -> Path:
    """A package that offers its RULES under `point`, as pip would have left it in `site`; its folder."""
    folder, about = site / package, site / f"{package}-1.0.dist-info"
    folder.mkdir(parents=True)
    about.mkdir()
    (folder / "__init__.py").write_text(_OFFERED + source, encoding="utf-8")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{point} = {package}:RULES\n", encoding="utf-8")
    return folder


@contextmanager
def on_path(site: Path) -> Iterator[None]:
    """What is installed in this folder can be found; afterwards it is as if it had never been."""
    sys.path.insert(0, str(site))
    _forget(site)
    try:
        yield
    finally:
        sys.path.remove(str(site))
        _forget(site)


def _forget(site: Path) -> None:
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(site)):
            del sys.modules[name]
    importlib.invalidate_caches()
    plugins.installed.cache_clear()
