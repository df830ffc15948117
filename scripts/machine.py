"""What the other scripts need of the machine: commands run, packages added, a stop in one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

# So that in a log our lines stand before, not after, those of the commands they announce.
sys.stdout.reconfigure(line_buffering=True)


def stop(message: str) -> NoReturn:
    """End here, non-zero, with one line that says what to do."""
    sys.exit(message)


def run(*command: str | Path, remedy: str, output: int | None = None) -> None:
    """Run a command in the root of the project; when it fails, stop with `remedy`."""
    try:
        subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL, stdout=output)
    except (OSError, subprocess.CalledProcessError):
        stop(remedy)


def pip(*arguments: str | Path) -> None:
    quiet = ("--quiet", "--no-input", "--disable-pip-version-check")
    remedy = "pip could not install; its message is above. Try again when the network is back."
    run(PYTHON, "-m", "pip", "install", *quiet, *arguments, remedy=remedy)


def pip_hashed(*arguments: str | Path) -> None:
    """Install only what the lists name, by hash, and run nobody's setup script on the way."""
    pip("--require-hashes", "--only-binary=:all:", *arguments)


def can_apt() -> bool:
    """Whether this is a Debian on which we may add packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Add Debian packages, where `can_apt`."""
    print(f"Installing {', '.join(packages)} with apt-get")
    # A new machine may be busy with its own updates: wait for them.
    apt = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300")
    remedy = f"apt-get could not install {' '.join(packages)}; its message is above."
    run(*apt, "update", remedy=remedy)
    install = ("install", "--yes", "--no-install-recommends")
    run(*apt, *install, *packages, remedy=remedy, output=subprocess.DEVNULL)
