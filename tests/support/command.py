"""The command line as an operator meets it: a process of its own, forked, so that nothing is imported anew."""

import os
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path

from mash.cli import main
from mash.settings import ROOT


def environment(**changes: str) -> dict[str, str]:
    """Ours without any setting of the program, and with these."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MASH_")} | changes


def mash(
    *words: str, environment: Mapping[str, str], folder: Path = ROOT, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Call `mash` with these words in a folder."""
    with tempfile.TemporaryFile() as typed, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        typed.write(stdin.encode())
        typed.seek(0)
        child = os.fork()
        if child == 0:
            for own, file in enumerate((typed, out, err)):
                os.dup2(file.fileno(), own)
            os._exit(_run(list(words), environment, folder))
        _, status = os.waitpid(child, 0)
        for file in (out, err):
            file.seek(0)
        said, complained = out.read().decode(), err.read().decode()
    return subprocess.CompletedProcess(words, os.waitstatus_to_exitcode(status), said, complained)


def _run(words: list[str], environment: Mapping[str, str], folder: Path) -> int:
    """What the interpreter would do with the program, and its exit status."""
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    sys.argv = ["mash", *words]
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    warnings.simplefilter("default")
    try:
        main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status
