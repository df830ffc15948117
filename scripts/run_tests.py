"""Run the tests with everything they need in place: `make test`. Arguments go to pytest.

A test is never skipped: what is missing is installed, or we stop and say so.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from machine import PYTHON, ROOT, apt_install, can_apt, pip_hashed, run, stop
from tests.support import browser, postgres


def main() -> None:
    have_browser()
    have_postgres()
    # A request to end must stop the server too. Ctrl-C is pytest's to handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, lambda *_: None)
    with postgres.server() as url:
        tests = [
            PYTHON,
            "-m",
            "pytest",
            "--numprocesses=auto",
            "--dist=loadfile",
            "--no-loadscope-reorder",
            *sys.argv[1:],
        ]
        environment = os.environ | {"MASH_TEST_POSTGRES": url}
        status = subprocess.run(tests, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL).returncode
    sys.exit(status)


def have_browser() -> None:
    remedy = "No browser for the tests. Ask for one once: sudo apt-get install chromium-headless-shell"
    if not browser.find():
        if can_apt():
            # By name, for we take no recommendations: without fonts there is nothing to see on a page.
            apt_install("chromium-headless-shell", "fonts-liberation")
        else:
            run(PYTHON, "-m", "playwright", "install", "--only-shell", "chromium", remedy=remedy)
    run(PYTHON, "-m", "tests.support.browser", remedy=remedy)


def have_postgres() -> None:
    if os.environ.get("MASH_TEST_POSTGRES") or postgres.find():
        return
    if can_apt():
        apt_install("postgresql")
    elif os.geteuid() == 0:
        stop("No PostgreSQL for the tests: install it, or name a server in MASH_TEST_POSTGRES.")
    else:
        pip_hashed("-r", "requirements/postgres.txt")


if __name__ == "__main__":
    main()
