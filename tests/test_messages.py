"""Every sentence with which an act is refused stands on one page, where somebody can read them with a pencil."""

import re
import subprocess
import sys

from mash.settings import ROOT

PAGE = ROOT / "docs" / "messages.md"


def test_the_page_of_messages_is_in_step_with_the_code() -> None:
    command = [sys.executable, "-c", "import messages, sys; sys.stdout.write(messages.page())"]
    written = subprocess.run(command, cwd=ROOT / "scripts", capture_output=True, text=True, check=True).stdout
    assert PAGE.read_text(encoding="utf-8") == written, "Run: make docs"


def test_each_message_is_a_sentence_of_a_colleague() -> None:
    messages = [line[2:] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
    assert len(messages) > 120
    for message in messages:
        assert re.match(r"[A-Z“{]", message) and message.endswith("."), message
        assert not re.search(
            r"\b(invalid|illegal|error|payload|ticket|forbidden|exception occurred)\b", message, re.I
        ), message
