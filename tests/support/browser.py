"""The Chromium that browser tests drive: which one, and how it is started. Knows nothing of our pages."""

import os
import shutil
from typing import Any

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
"""The first is the same browser without its windows: a third quicker."""

# A browser under test talks to our pages and to nobody else.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
)


def launch_options() -> dict[str, Any]:
    """What to give Playwright: `playwright.chromium.launch(**launch_options())`."""
    # Chromium refuses to start its sandbox as root; anybody else keeps it.
    options: dict[str, Any] = {"args": list(QUIET), "chromium_sandbox": os.geteuid() != 0}
    if path := find():
        options["executable_path"] = path  # else Playwright takes the one it has downloaded
    return options


def find() -> str | None:
    """The browser named in MASH_TEST_BROWSER, or else the one on this machine's path."""
    return os.environ.get("MASH_TEST_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


def start_and_stop() -> None:
    """Raise, before any test has to, if the browser does not start."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        playwright.chromium.launch(**launch_options()).close()


if __name__ == "__main__":
    start_and_stop()
