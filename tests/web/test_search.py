"""Whom a search finds, whom it never finds, and that no name stands in an address."""

import pytest

from mash import clock
from mash.db import Database
from mash.vocabulary import Verb
from mash.workflow.details import ReceiveContact
from mash.workflow.queue import PAGE
from tests.web.front_door import FrontDoor, main_of
from tests.web.test_queue import reference, references


@pytest.fixture
def door(database: Database) -> FrontDoor:
    return FrontDoor(database)


def searched(door: FrontDoor, text: str, who: str = "screener", **more: str) -> str:
    door.get("/search", who)
    return door.send("/search", who, expect=200, text=text, **more)


def found(door: FrontDoor, text: str, who: str = "screener") -> set[str]:
    return set(references(searched(door, text, who)))


def keyed(door: FrontDoor, own: str) -> str:
    """A contact with this reference."""
    with clock.at(door.hub.at):
        details = ReceiveContact.model_validate({"children": [{"forename": "Tiana"}]})
        return door.hub.office.receive(door.hub.actors["officer"], details, reference=own).contact_id


@pytest.mark.parametrize("typed", ["NB-7QK0-92M1", "nb-7qk0-92m1", "NB7QK092M1", "7qk092m1", "NB-7QKO-92MI", "92ML"])
def test_a_reference_opens_its_contact_however_it_is_written(door: FrontDoor, typed: str) -> None:
    contact_id = keyed(door, "NB-7QK0-92M1")
    keyed(door, "NB-AAAA-BBB2")
    assert _led_to(door, typed) == f"/contacts/{contact_id}"
    door.get("/queue")
    assert door.send("/search", "screener", text=typed) == f"/contacts/{contact_id}"


def test_a_whole_reference_of_letters_alone_opens_its_contact_too(door: FrontDoor) -> None:
    contact_id = keyed(door, "NB-AQEQ-XMYE")
    door.get("/queue")
    assert door.send("/search", "screener", text="nb-aqeq-xmye") == f"/contacts/{contact_id}"
    assert references(searched(door, "xmye")) == ["NB-AQEQ-XMYE"]  # by its end it may be a name: a list


def _led_to(door: FrontDoor, typed: str) -> str:
    with clock.at(door.hub.at):
        answer = door.browser("screener").get(f"/search?reference={typed}")
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_the_same_end_of_two_references_shows_both_and_an_unknown_one_says_so(door: FrontDoor) -> None:
    ids = [keyed(door, "NB-7QK0-92M1"), keyed(door, "NB-AAAA-92M1")]
    page = door.get("/search?reference=92M1")
    assert set(references(page)) == {reference(door, contact_id) for contact_id in ids}
    assert "Nothing found" in main_of(door.get("/search?reference=NB-0000-0000"))


def test_what_is_typed_never_stands_in_an_address(door: FrontDoor) -> None:
    door.hub.receive(children=[{"forename": "Anna"}])
    for text in ("Anna", "Anna 2014", "Anna2014", "NB-0000-0000", "Mary-Anne-Jane", "02079460101"):
        searched(door, text)


def test_people_are_found_by_the_beginnings_of_their_names(door: FrontDoor) -> None:
    contact_id = door.hub.receive(
        children=[{"forename": "Élodie", "surname": "Mensah-Okafor"}, {"forename": "Kofi"}],
        adults=[{"name": "Dana Mockford", "relationship": "mother"}],
        referrer={"name": "Yara Silva", "role": "Teacher", "phone": "020 7946 0101"},
    )
    other = {"name": "Somebody Else", "role": "Teacher"}
    door.hub.receive(children=[{"forename": "Elodie", "surname": "Other"}], referrer=other)
    own = {reference(door, contact_id)}
    for text in ("élodie", "ÉLODIE mensah", "mensah", "okaf", "kofi", "Mock dan", "silva", "yara sil", "Okafor Él"):
        assert found(door, text) == own, text
    for text in ("lodie", "kofi mensah", "100%", "l_die", "El_die"):
        assert found(door, text) == set(), text


def test_a_number_is_found_however_it_is_written(door: FrontDoor) -> None:
    contact_id = door.hub.receive(
        children=[{"forename": "Tiana", "nhs_number": "943 476 5919"}],
        referrer={"name": "Yara Silva", "role": "Teacher", "phone": "+44 (0)20 7946-0101"},
    )
    door.hub.receive(referrer={"name": "Somebody Else", "role": "Teacher", "phone": "020 7946 0102"})
    own = {reference(door, contact_id)}
    for text in ("020 7946 0101", "+442079460101", "0044 20 7946 0101", "79460101", "943 476 5919"):
        assert found(door, text) == own, text


@pytest.mark.parametrize("hidden", [{"shielded": True}, {"anonymous": True}, {"anonymous": True, "shielded": True}])
def test_who_is_shielded_or_anonymous_is_not_found(door: FrontDoor, hidden: dict[str, bool]) -> None:
    """Not by name, not by number, and the answer is that of a name that nobody has."""
    referrer = {"name": "Yara Silva", "role": "Neighbour", "phone": "020 7946 0101"}
    door.hub.receive(referrer={**referrer, **hidden})
    nobody = searched(door, "Nobody At All")
    for text in ("Yara Silva", "020 7946 0101"):
        assert found(door, text) == set()
        assert main_of(searched(door, text)) == main_of(nobody)


def test_finished_work_is_found_and_a_long_answer_comes_in_pages(door: FrontDoor) -> None:
    closed = door.hub.decided()
    door.hub.do("screener", Verb.CLOSE, closed)
    ids = [closed]
    for number in range(PAGE + 1):
        door.hub.later(seconds=number % 2)
        ids.append(door.hub.receive())
    first = searched(door, "Tiana")
    before = first.split('name="before" value="')[1].split('"')[0]
    second = searched(door, "Tiana", before=before)
    assert len(references(first)) == PAGE and "Earlier ones" in main_of(second)
    assert sorted(references(first) + references(second)) == sorted(reference(door, one) for one in ids)


@pytest.mark.parametrize("text", ["", " ", "a", "123", "-", "020"])
def test_too_little_is_said_to_be_too_little(door: FrontDoor, text: str) -> None:
    door.get("/search")
    page = door.send("/search", "screener", expect=422, text=text)
    assert "Type two letters of a name or more" in main_of(page) and 'href="#text"' in page


def test_a_desk_cannot_search(door: FrontDoor) -> None:
    door.get("/search", "health", expect=403)
    door.get("/desk", "health")
    door.send("/search", "health", expect=403, text="Tiana")
