"""Copy the prebuilt styles and scripts of pages from node_modules to web/static/vendor, fit for a council.

The GOV.UK typeface, crown and crest are for gov.uk services only, so they are not copied. What a style sheet
says of them goes as well: each would be a request that finds nothing, on every page.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from machine import ROOT, stop

GOVUK = ROOT / "node_modules/govuk-frontend/dist/govuk"
MOJ = ROOT / "node_modules/@ministryofjustice/frontend/moj"
TARGET = ROOT / "web/static/vendor"

FILES = (
    GOVUK / "govuk-frontend.min.css",
    GOVUK / "govuk-frontend.min.js",
    MOJ / "moj-frontend.min.css",
    MOJ / "moj-frontend.min.js",
)
FONTS = 'system-ui,"Segoe UI",arial,sans-serif'


def copy() -> None:
    """Fill the folder anew. It appears only when it is whole."""
    draft = TARGET.with_name("vendor.new")
    for folder in (draft, TARGET):
        shutil.rmtree(folder, ignore_errors=True)
    (draft / "images").mkdir(parents=True)
    for path in FILES:
        text = without_source_map(path.read_text(encoding="utf-8"))
        if path.suffix == ".css":
            text = fit_for_a_council(text)
            copy_icons(text, draft / "images")
        (draft / path.name).write_text(text, encoding="utf-8")
    draft.rename(TARGET)


def without_source_map(text: str) -> str:
    return re.sub(r"(/\*|//)# sourceMappingURL=\S+( \*/)?", "", text)


def fit_for_a_council(css: str) -> str:
    css = re.sub(r"@font-face\s*\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", FONTS)
    css = css.replace("url(/assets/images/govuk-crest.svg)", "none")
    # Beside the style sheet, wherever that is served.
    return css.replace("url(/assets/images/", "url(images/")


def copy_icons(css: str, images: Path) -> None:
    """Copy the icons that a style sheet names, and stop if it names anything else."""
    for address in re.findall(r"url\((?![\"']?data:)([^)]*)\)", css):
        icon = re.fullmatch(r"images/(icon-[\w-]+\.svg)", address)
        if not icon:
            stop(f"A style sheet asks for {address}: say in scripts/page_assets.py what to do with it.")
        shutil.copy(MOJ / "assets/images" / icon[1], images)
    if "GDS Transport" in css:
        stop("A style sheet still names GDS Transport: see scripts/page_assets.py.")
