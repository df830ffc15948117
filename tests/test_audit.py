"""Nobody changes the record unseen: whatever somebody with the database's own tools does is found, and where."""

import fcntl
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mash import audit
from mash.audit_check import COLUMNS, anchor, verify
from mash.db import Database
from mash.errors import BadInput
from tests.support.chains import ACTOR, NOW, act, add_contact, add_rules, fill, sign_in
from tests.support.intruder import Intruder, intruder

WRITTEN_LATER = "another-value"


@dataclass
class Record:
    """A database with two contacts and a session stream."""

    db: Database
    one: str
    two: str


@pytest.fixture
def record(database: Database) -> Record:
    return Record(database, *fill(database))


@pytest.fixture
def somebody(record: Record) -> Iterator[Intruder]:
    """With every guard out of the way already."""
    with intruder(record.db) as found:
        found.disarm()
        yield found


def sentences(record: Record, anchors: Path | None = None) -> list[str]:
    return [finding.sentence for finding in verify(record.db, anchors)]


def test_a_record_as_it_was_written_gives_no_finding(record: Record, tmp_path: Path) -> None:
    assert verify(record.db) == []
    assert anchor(record.db, tmp_path / "anchors", NOW) == 3
    assert verify(record.db, tmp_path / "anchors") == []


def test_an_empty_database_gives_no_finding(database: Database) -> None:
    assert verify(database) == []


def test_an_entry_says_who_did_what_when(record: Record) -> None:
    with record.db.reading() as connection:
        entry = connection.execute(text("SELECT * FROM audit_entries WHERE stream = 'session' AND seq = 2")).one()
    assert (entry.action, entry.actor_id, entry.role) == ("sign_in", "u-1", "screener")
    assert json.loads(entry.facts) == {"number": 1}


def test_an_instant_finer_than_a_second_can_be_verified_too(database: Database) -> None:
    with database.transaction() as tx:
        audit.record(tx, audit.SYSTEM, at=NOW.replace(microsecond=7), action="sweep")
    assert verify(database) == []


def test_words_are_not_in_the_chain(record: Record) -> None:
    with record.db.reading() as connection:
        entries = connection.execute(text("SELECT * FROM audit_entries")).all()
    assert "What was said" not in str(entries)


def test_dropping_words_lawfully_leaves_the_chain_whole(record: Record) -> None:
    with record.db.transaction() as tx:
        assert tx.execute(text("DELETE FROM event_words")).rowcount
        assert tx.execute(text("DELETE FROM hub_only_words")).rowcount
    assert verify(record.db) == []


def test_two_who_begin_a_stream_at_once_both_write(database: Database) -> None:
    def write(number: int) -> None:
        with database.transaction() as tx:
            audit.record(tx, "new", at=NOW, action="sign_in", facts={"number": number})

    with ThreadPoolExecutor(4) as many:
        list(many.map(write, range(8)))
    assert verify(database) == []
    with database.reading() as connection:
        assert connection.execute(text("SELECT seq FROM audit_heads")).scalar() == 8


@pytest.mark.parametrize("column", [c for c in COLUMNS if c not in ("stream", "seq", "at")])
def test_a_changed_value_is_found_in_every_column(record: Record, somebody: Intruder, column: str) -> None:
    changed = f"UPDATE audit_entries SET {column} = :value WHERE stream = :stream AND seq = 7"
    somebody.run(changed, value=WRITTEN_LATER, stream=record.one)
    assert "contact NB-ONE, entry 7: was changed after it was written." in sentences(record)


@pytest.mark.parametrize("at", ["2026-11-09 09:10:00.000001", "2026-11-09 09:10:01.000000", "0001-01-01 00:00:00"])
def test_a_changed_time_is_found(record: Record, somebody: Intruder, at: str) -> None:
    new = ":at" if somebody.is_sqlite else "CAST(:at AS timestamp) AT TIME ZONE 'UTC'"
    somebody.run(f"UPDATE audit_entries SET at = {new} WHERE stream = :stream AND seq = 7", at=at, stream=record.one)
    assert sentences(record) == ["contact NB-ONE, entry 7: was changed after it was written."]


def test_a_value_that_no_program_can_read_is_found(record: Record, somebody: Intruder) -> None:
    unreadable = "CAST(x'ff66' AS TEXT)" if somebody.is_sqlite else "'infinity'"
    columns = ("at", "facts") if somebody.is_sqlite else ("at",)
    for column in columns:
        somebody.run(f"UPDATE audit_entries SET {column} = {unreadable} WHERE stream = 'session' AND seq = 3")
        assert sentences(record) == ["stream session, entry 3: was changed after it was written."]


def test_a_removed_entry_is_found(record: Record, somebody: Intruder) -> None:
    somebody.run("DELETE FROM audit_entries WHERE stream = :stream AND seq = 6", stream=record.one)
    assert sentences(record) == ["contact NB-ONE, entry 6: is missing; the next one that is there has number 7."]


def test_the_first_entries_are_missed_too(record: Record, somebody: Intruder) -> None:
    somebody.run("DELETE FROM audit_entries WHERE stream = 'session' AND seq < 3")
    assert sentences(record) == ["stream session, entry 1: is missing; the next one that is there has number 3."]


def test_a_removed_entry_is_found_when_the_others_are_numbered_anew(record: Record, somebody: Intruder) -> None:
    somebody.run("DELETE FROM audit_entries WHERE stream = :stream AND seq = 5", stream=record.one)
    for seq in range(6, 13):
        somebody.run(
            "UPDATE audit_entries SET seq = :to WHERE stream = :s AND seq = :seq", to=seq - 1, s=record.one, seq=seq
        )
    somebody.run("UPDATE contacts SET chain_seq = 11 WHERE id = :id", id=record.one)
    found = sentences(record)
    assert (
        "contact NB-ONE, entry 5: does not follow from the one before it: one of the two was changed or exchanged."
        in found
    )


def test_an_added_entry_is_found(record: Record, somebody: Intruder) -> None:
    columns = ", ".join(c for c in COLUMNS if c not in ("stream", "seq"))
    last = f"SELECT stream, 5, {columns} FROM audit_entries WHERE stream = 'session' AND seq = 4"
    somebody.run(f"INSERT INTO audit_entries (stream, seq, {columns}) {last}")
    assert {f.sentence.split(":")[0] for f in verify(record.db)} == {"stream session, entry 5"}


def test_entries_that_changed_places_are_found(record: Record, somebody: Intruder) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        somebody.run(
            "UPDATE audit_entries SET seq = :new WHERE stream = :s AND seq = :old", new=new, old=old, s=record.one
        )
    found = sentences(record)
    for seq in (3, 4):
        assert f"contact NB-ONE, entry {seq}: was changed after it was written." in found


def test_a_chain_that_was_moved_to_another_contact_is_found(record: Record, somebody: Intruder) -> None:
    for old, new in ((record.one, "x"), (record.two, record.one), ("x", record.two)):
        somebody.run("UPDATE audit_entries SET stream = :new WHERE stream = :old", new=new, old=old)
    found = " ".join(sentences(record))
    assert "contact NB-ONE, entry 1: was changed" in found
    assert "contact NB-TWO, entry 1: was changed" in found


def test_an_end_that_was_cut_off_is_found_while_the_head_knows_better(record: Record, somebody: Intruder) -> None:
    somebody.run("DELETE FROM audit_entries WHERE stream = :stream AND seq > 10", stream=record.one)
    assert sentences(record) == ["contact NB-ONE, entry 12: is missing; the last one that is there has number 10."]


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        (
            "UPDATE contacts SET chain_seq = 3 WHERE reference = 'NB-TWO'",
            "contact NB-TWO, entry 5: is the last, but the head",
        ),
        (
            "UPDATE contacts SET chain_hash = 'x' WHERE reference = 'NB-TWO'",
            "contact NB-TWO, entry 5: is the last, but the head",
        ),
        ("UPDATE audit_heads SET seq = 3", "stream session, entry 4: is the last, but the head"),
        ("UPDATE audit_heads SET hash = 'x'", "stream session, entry 4: is the last, but the head"),
        ("DELETE FROM audit_heads", "stream session, entry 4: is the last, but the stream has no head"),
        ("DELETE FROM audit_entries WHERE stream = 'session'", "stream session, entry 4: is missing; the last one"),
    ],
)
def test_a_head_that_is_not_the_end_is_found(record: Record, somebody: Intruder, sql: str, sentence: str) -> None:
    somebody.run(sql)
    (found,) = sentences(record)
    assert found.startswith(sentence)


def test_a_head_whose_number_is_none_is_found(record: Record, somebody: Intruder) -> None:
    for value in ("x", "4.5") if somebody.is_sqlite else (-1, 0):  # PostgreSQL takes nothing else than numbers
        somebody.run("UPDATE audit_heads SET seq = :value", value=value)
        (found,) = sentences(record)
        assert found.startswith("stream session, entry 4: is the last, but the head")


def test_to_verify_does_not_change_how_others_read(record: Record) -> None:
    verify(record.db)
    with record.db.reading() as connection:
        driver = connection.connection.driver_connection
        assert getattr(driver, "text_factory", str) is str


def test_a_contact_without_any_entry_is_found(database: Database) -> None:
    with database.transaction() as tx:
        add_rules(tx)
        add_contact(tx, "NB-BARE", acts=0)
    assert [f.sentence for f in verify(database)] == [
        "contact NB-BARE, entry 1: is missing; the stream has no entries."
    ]


@pytest.mark.parametrize("table", ["event_words", "hub_only_words"])
def test_changed_words_are_found(record: Record, somebody: Intruder, table: str) -> None:
    row = f"contact_id = :id AND seq = (SELECT max(seq) FROM {table} WHERE contact_id = :id)"
    ((seq, words),) = somebody.ask(f"SELECT seq, CAST(words AS text) FROM {table} WHERE {row}", id=record.one)
    new = ":words" if somebody.is_sqlite else "CAST(:words AS json)"
    for wrong in (words.replace("said", "sung"), words.replace("note", "date"), "{}", "[]", "7", "null"):
        somebody.run(f"UPDATE {table} SET words = {new} WHERE {row}", words=wrong, id=record.one)
        assert sentences(record) == [f"contact NB-ONE, entry {seq}: its words were changed."]
    somebody.run(f"UPDATE {table} SET words = {new}, salt = 'x' || salt WHERE {row}", words=words, id=record.one)
    assert sentences(record) == [f"contact NB-ONE, entry {seq}: its words were changed."]


def test_words_under_another_entry_are_found(record: Record, somebody: Intruder) -> None:
    somebody.run("UPDATE event_words SET seq = 3 WHERE contact_id = :id AND seq = 1", id=record.one)
    assert sentences(record) == ["contact NB-ONE, entry 3: has words, but was written without any."]
    somebody.run("UPDATE event_words SET seq = 88 WHERE contact_id = :id AND seq = 3", id=record.one)
    assert sentences(record) == ["contact NB-ONE, entry 88: its words are there, but it is not."]


def test_no_finding_shows_what_was_said(record: Record, somebody: Intruder) -> None:
    somebody.run("UPDATE event_words SET salt = 'x'")
    somebody.run('UPDATE audit_entries SET facts = \'{"note": "Jane Doe"}\'')
    assert "Jane" not in str(verify(record.db))
    assert "said about" not in str(verify(record.db))


def cut(somebody: Intruder, contact_id: str, keep: int) -> None:
    """Cut a contact's chain so that what is left is whole in itself."""
    somebody.run("DELETE FROM audit_entries WHERE stream = :s AND seq > :keep", s=contact_id, keep=keep)
    somebody.run("DELETE FROM event_words WHERE contact_id = :s AND seq > :keep", s=contact_id, keep=keep)
    somebody.run("DELETE FROM hub_only_words WHERE contact_id = :s AND seq > :keep", s=contact_id, keep=keep)
    ((end,),) = somebody.ask(
        "SELECT hash FROM audit_entries WHERE stream = :s AND seq = :keep", s=contact_id, keep=keep
    )
    somebody.run(
        "UPDATE contacts SET chain_seq = :keep, chain_hash = :end WHERE id = :s", keep=keep, end=end, s=contact_id
    )


def rewrite(db: Database, somebody: Intruder, contact_id: str, keep: int) -> None:
    """Write a contact's chain anew after an entry, through the program itself, as long as it was."""
    cut(somebody, contact_id, keep)
    with db.transaction() as tx:
        for _ in range(12 - keep):
            act(tx, contact_id, {"note": "Nothing of the kind was said."})


def test_an_end_that_was_cut_off_with_its_head_is_found_by_the_anchor(
    record: Record, somebody: Intruder, tmp_path: Path
) -> None:
    file = tmp_path / "anchors"
    anchor(record.db, file, NOW)
    cut(somebody, record.one, keep=9)
    assert sentences(record) == []
    assert sentences(record, file) == ["contact NB-ONE, entry 12: is missing; it was anchored at 2026-11-09T09:04:00Z."]
    anchor(record.db, file, NOW + timedelta(minutes=15))
    assert len(sentences(record, file)) == 1  # a later anchor does not make it good


def test_a_chain_written_anew_is_found_by_the_anchor(record: Record, somebody: Intruder, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    anchor(record.db, file, NOW)
    rewrite(record.db, somebody, record.one, keep=4)
    anchor(record.db, file, NOW + timedelta(minutes=15))
    assert sentences(record) == []
    (found,) = sentences(record, file)
    assert found.startswith("contact NB-ONE, entry 12: is not the one that was anchored at 2026-11-09T09:04:00Z: ")


def test_a_stream_that_was_removed_with_its_head_is_found_by_the_anchor(
    record: Record, somebody: Intruder, tmp_path: Path
) -> None:
    file = tmp_path / "anchors"
    anchor(record.db, file, NOW)
    somebody.run("DELETE FROM audit_entries WHERE stream = 'session'")
    somebody.run("DELETE FROM audit_heads")
    assert sentences(record) == []
    assert "stream session, entry 4: is missing; it was anchored at 2026-11-09T09:04:00Z." in sentences(record, file)


def test_only_heads_that_moved_are_anchored_again(record: Record, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    assert anchor(record.db, file, NOW) == 3
    assert anchor(record.db, file, NOW) == 0
    with record.db.transaction() as tx:
        sign_in(tx)
    assert anchor(record.db, file, NOW + timedelta(minutes=15)) == 1
    last = json.loads(file.read_text().splitlines()[-1])
    assert (last["at"], last["stream"], last["seq"]) == ("2026-11-09T09:19:00Z", "session", 5)
    assert verify(record.db, file) == []


def test_the_chain_may_grow_after_the_anchor(record: Record, tmp_path: Path) -> None:
    anchor(record.db, tmp_path / "anchors", NOW)
    with record.db.transaction() as tx:
        act(tx, record.one, {"note": "One more."})
    assert verify(record.db, tmp_path / "anchors") == []


def test_anchors_that_are_not_there_are_not_taken_for_whole(record: Record, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"anchors: the anchors cannot be read \(No such file or directory\)"):
        verify(record.db, tmp_path / "anchors")
    with pytest.raises(BadInput, match=r"the anchors cannot be written \(No such file or directory\)"):
        anchor(record.db, tmp_path / "no folder" / "anchors", NOW)
    with pytest.raises(BadInput, match="Is a directory"):
        anchor(record.db, tmp_path, NOW)


def test_a_damaged_anchor_file_is_refused_with_its_line(record: Record, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    anchor(record.db, file, NOW)
    whole = file.read_bytes()
    lines = whole.splitlines(keepends=True)
    changed = lines[1].replace(b'"seq":', b'"seq": ')
    other_hash = lines[1].replace(json.loads(lines[1])["hash"].encode(), b"0" * 64)
    damage = {
        2: [
            lines[0] + changed + lines[2],
            lines[0] + b"\n" + lines[2],
            lines[0] + b"[]\n",
            lines[0] + b'{"at":1,"hash":1,"previous":1,"seq":1,"stream":1}\n',
            lines[0] + b"\xff\n",
            lines[0] + lines[2],
        ],
        3: [lines[0] + other_hash + lines[2], whole[:-1], whole[:-9]],
        1: [lines[1] + lines[2]],
    }
    for line, texts in damage.items():
        for written in texts:
            file.write_bytes(written)
            with pytest.raises(BadInput, match=f"anchors, line {line}: "):
                verify(record.db, file)
            if written.endswith(b"\n"):
                with pytest.raises(BadInput, match=f"anchors, line {line}: "):
                    anchor(record.db, file, NOW)
                assert file.read_bytes() == written


def test_half_a_line_that_a_crash_left_is_written_again(record: Record, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    anchor(record.db, file, NOW)
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    assert anchor(record.db, file, NOW) == 1
    assert file.read_bytes() == whole


def test_two_who_anchor_take_turns(record: Record, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    with ThreadPoolExecutor(1) as other, file.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = other.submit(anchor, record.db, file, NOW)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.3)
        fcntl.flock(held, fcntl.LOCK_UN)
        assert waiting.result() == 3
    assert verify(record.db, file) == []


def test_what_is_written_meanwhile_is_no_finding(database: Database) -> None:
    fill(database)

    def write(number: int) -> None:
        with database.transaction() as tx:
            audit.record(tx, audit.SESSION, at=NOW, action="sign_in", actor=ACTOR, facts={"number": number})

    with ThreadPoolExecutor(2) as many:
        writing = [many.submit(write, number) for number in range(60)]
        while not all(done.done() for done in writing):
            assert verify(database) == []
    assert verify(database) == []


@dataclass(frozen=True)
class Place:
    """A stored value, how to find its row whatever becomes of it, and what a finding must name."""

    table: str
    column: str
    where: str
    stream: str
    seq: int | None = None

    @property
    def kind(self) -> str:
        """What PostgreSQL calls it."""
        kinds = {"seq": "integer", "chain_seq": "integer", "at": "timestamptz", "words": "json"}
        return kinds.get(self.column, "text")


def places(record: Record, somebody: Intruder) -> list[Place]:
    """Every value in which a flipped byte must be found."""
    found = []
    for stream, seq, own_hash in somebody.ask("SELECT stream, seq, hash FROM audit_entries"):
        for column in COLUMNS:
            key = f"hash = '{own_hash}'" if column != "hash" else f"stream = '{stream}' AND seq = {seq}"
            found.append(Place("audit_entries", column, key, stream, None if column in ("stream", "seq") else seq))
    for table in ("event_words", "hub_only_words"):
        for stream, seq in somebody.ask(f"SELECT contact_id, seq FROM {table}"):
            key = f"contact_id = '{stream}' AND seq = {seq}"
            found += [Place(table, column, key, stream, seq) for column in ("salt", "words")]
    for stream in (record.one, record.two):
        found += [Place("contacts", column, f"id = '{stream}'", stream) for column in ("chain_seq", "chain_hash")]
    for column, key in (("stream", "seq = 4"), ("seq", "stream = 'session'"), ("hash", "stream = 'session'")):
        found.append(Place("audit_heads", column, key, "session"))
    return found


def read(somebody: Intruder, place: Place) -> bytes | None:
    """The value as it is stored."""
    as_bytes = f"CAST({place.column} AS BLOB)" if somebody.is_sqlite else f"convert_to({place.column}::text, 'UTF8')"
    ((value,),) = somebody.ask(f"SELECT {as_bytes} FROM {place.table} WHERE {place.where}")
    return None if value is None else bytes(value)


def store(somebody: Intruder, place: Place, value: bytes) -> bool:
    """Put the value there; False where the database itself cannot store it."""
    # On SQLite a column of numbers makes a number of a text again where it can, and keeps the text where it cannot.
    written = "CAST(:value AS TEXT)" if somebody.is_sqlite else f"convert_from(:value, 'UTF8')::{place.kind}"
    try:
        somebody.run(f"UPDATE {place.table} SET {place.column} = {written} WHERE {place.where}", value=value)
    except DBAPIError:
        return False
    return True


def flip(chance: random.Random, value: bytes) -> bytes:
    """The value with one byte, anywhere in it, made another."""
    at = chance.randrange(len(value))
    return value[:at] + bytes([value[at] ^ chance.randrange(1, 256)]) + value[at + 1 :]


def says_the_same(place: Place, one: bytes, other: bytes) -> bool:
    """Whether it is still the same to any reader: in JSON, blanks between values and how a letter is escaped."""
    if place.column != "words":
        return one == other
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def test_three_hundred_flipped_bytes_are_all_found(record: Record, somebody: Intruder) -> None:
    chance, kinds, flips = random.Random(20261109), set(), 0
    if not somebody.is_sqlite:
        somebody.run("SET TIME ZONE 'UTC'")
    everywhere = places(record, somebody)
    while flips < 300:
        place = chance.choice(everywhere)
        before = read(somebody, place)
        if not before or not store(somebody, place, flip(chance, before)):
            continue
        if not says_the_same(place, before, read(somebody, place) or b""):
            flips += 1
            kinds.add((place.table, place.column))
            named = verify(record.db)
            assert place.stream in {finding.stream for finding in named}, place
            assert place.seq is None or (place.stream, place.seq) in {(f.stream, f.seq) for f in named}, place
        assert store(somebody, place, before)
    assert verify(record.db) == []
    assert len(kinds) > 15
