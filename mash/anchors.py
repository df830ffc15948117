"""Where did each audit chain end, at which time? A file outside the database that is only added to, itself a chain.

A line is JSON: when, which stream, the number and the hash of its last entry, and the hash of the line before. Whoever
can write the database cannot also rewrite this file if it is shipped elsewhere. Knows no table.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from json import loads
from pathlib import Path
from typing import BinaryIO

from mash.audit import GENESIS, Head, canonical
from mash.clock import iso
from mash.errors import BadInput


@dataclass(frozen=True)
class Anchor:
    """One line: the end of a stream at a time."""

    at: str
    stream: str
    seq: int
    hash: str
    previous: str


def by_stream(file: Path) -> dict[str, dict[int, Anchor]]:
    """What was anchored, by stream and number; of two about one entry the first, for the second may hide a change.

    Raises BadInput, naming file and line, where the file is missing or not as it was written.
    """
    found: dict[str, dict[int, Anchor]] = {}
    try:
        with file.open("rb") as lines:
            for anchor, _ in _read(file, lines):
                found.setdefault(anchor.stream, {}).setdefault(anchor.seq, anchor)
    except OSError as error:
        raise BadInput(f"{file}: the anchors cannot be read ({error.strerror}).") from error
    return found


def append(file: Path, heads: Mapping[str, Head], now: datetime) -> int:
    """Add the heads that differ from what was anchored of them last; how many. They are on disk when this returns.

    Makes the file if there is none. Raises BadInput where it is not as it was written, or cannot be written.
    """
    try:
        with _locked(file) as lines:
            _drop_unfinished(lines)
            last, previous = _last(file, lines)
            moved = {stream: head for stream, head in sorted(heads.items()) if last.get(stream) != head}
            _write(lines, list(_lines(moved, iso(now), previous)))
            return len(moved)
    except OSError as error:
        raise BadInput(f"{file}: the anchors cannot be written ({error.strerror}).") from error


@contextmanager
def _locked(file: Path) -> Iterator[BinaryIO]:
    fresh = not file.exists()
    with file.open("a+b") as lines:
        fcntl.flock(lines, fcntl.LOCK_EX)
        yield lines
    if fresh:
        _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _drop_unfinished(lines: BinaryIO) -> None:
    """A machine that died while writing leaves half a line, of which nobody was told that it is there."""
    lines.seek(0)
    whole = 0
    for line in lines:
        if not line.endswith(b"\n"):
            lines.truncate(whole)
        whole += len(line)


def _last(file: Path, lines: BinaryIO) -> tuple[dict[str, Head], str]:
    lines.seek(0)
    last, end = {}, GENESIS
    for anchor, line_hash in _read(file, lines):
        last[anchor.stream], end = Head(anchor.seq, anchor.hash), line_hash
    return last, end


def _lines(heads: Mapping[str, Head], at: str, previous: str) -> Iterator[bytes]:
    for stream, head in heads.items():
        line = canonical(asdict(Anchor(at, stream, head.seq, head.hash, previous))).encode()
        previous = _hash(line)
        yield line + b"\n"


def _write(lines: BinaryIO, new: list[bytes]) -> None:
    descriptor, size, left = lines.fileno(), lines.seek(0, os.SEEK_END), b"".join(new)
    try:
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _read(file: Path, lines: Iterable[bytes]) -> Iterator[tuple[Anchor, str]]:
    """Each line with its hash, checked against the line before."""
    previous = GENESIS
    for number, line in enumerate(lines, start=1):
        anchor = _parse(line)
        if anchor is None:
            raise BadInput(f"{file}, line {number}: is not an anchor, or only a part of one.")
        if anchor.previous != previous:
            raise BadInput(f"{file}, line {number}: does not follow from the line before. Take a copy kept elsewhere.")
        previous = _hash(line.removesuffix(b"\n"))
        yield anchor, previous


def _parse(line: bytes) -> Anchor | None:
    try:
        anchor = Anchor(**loads(line))
    except (ValueError, TypeError):
        return None
    texts = (anchor.at, anchor.stream, anchor.hash, anchor.previous)
    whole = line == canonical(asdict(anchor)).encode() + b"\n"
    return anchor if whole and type(anchor.seq) is int and all(isinstance(text, str) for text in texts) else None


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
