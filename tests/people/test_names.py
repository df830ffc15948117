"""Names that are spelt many ways come near each other; names of different people do not."""

import pytest

from mash.people.names import Likeness, Name, likeness, plain_words, sounds, sounds_to_look_for

Pair = tuple[str, str]

NEAR: list[tuple[Pair, Pair, Likeness]] = [
    (("Tiana", "Mockford"), ("TIANA", " mockford "), Likeness.SAME),
    (("Tiana", "Mockford"), ("Tianna", "Mockford"), Likeness.NEARLY),
    (("Tyana", "Mokford"), ("Tiana", "Mockford"), Likeness.NEARLY),
    (("Tiana", "Mcokford"), ("Tiana", "Mockford"), Likeness.NEARLY),
    (("Tiana", "Mockf"), ("Tiana", "Mockford"), Likeness.NEARLY),
    (("Tiana Rose", "Mockford"), ("Tiana", "Mockford"), Likeness.NEARLY),
    (("Mockford", "Tiana"), ("Tiana", "Mockford"), Likeness.SWAPPED),
    (("Liz", "Hart"), ("Elizabeth", "Hart"), Likeness.SHORT_FORM),
    (("Elizabeth", "Hart"), ("Liz", "Hart"), Likeness.SHORT_FORM),
    (("Bill", "Reid"), ("William", "Reed"), Likeness.NEARLY),
    (("Sam", "Okafor"), ("Samuel", "Okafor"), Likeness.SHORT_FORM),
    (("Katie", "Wren"), ("Catherine", "Wren"), Likeness.SHORT_FORM),
    (("Siân", "O’Brien"), ("Sian", "OBrien"), Likeness.SAME),
    (("Sian", "O Brien"), ("Siân", "O'Brien"), Likeness.SAME),
    (("Callum", "MacDonald"), ("Calum", "McDonald"), Likeness.NEARLY),
    (("Zoë", "Mc Donald"), ("Zoe", "McDonald"), Likeness.SAME),
    (("Anne-Marie", "Lowe"), ("Annemarie", "Lowe"), Likeness.NEARLY),
    (("Ada", "Mensah-Okafor"), ("Ada", "Mensah Okafor"), Likeness.SAME),
    (("Ada", "Okafor"), ("Ada", "Mensah-Okafor"), Likeness.NEARLY),
    (("Mohammed", "Khan"), ("Muhammad", "Khan"), Likeness.NEARLY),
    (("Mohd", "Khan"), ("Mohamed", "Khan"), Likeness.NEARLY),
    (("Yusuf", "Ali"), ("Youssef", "Aly"), Likeness.NEARLY),
    (("Aisha", "Begum"), ("Ayesha", "Begam"), Likeness.NEARLY),
    (("Hussein", "Al-Jabouri"), ("Hussain", "Jabouri"), Likeness.NEARLY),
    (("Łukasz", "Nowak"), ("Lukas", "Nowak"), Likeness.NEARLY),
    (("Oleksandr", "Koval"), ("Alexander", "Kowal"), Likeness.NEARLY),
    (("Sean", "Byrne"), ("Shaun", "Burn"), Likeness.NEARLY),
    (("Ruairí", "Kerr"), ("Rory", "Kerr"), Likeness.NEARLY),
    (("Phoebe", "Stephens"), ("Phebe", "Stevens"), Likeness.NEARLY),
    (("Chloe", "Ng"), ("Khloe", "Ng"), Likeness.NEARLY),
    (("Kofi", ""), ("Kofi", ""), Likeness.SAME),
    (("", "Mockford"), ("", "Mokford"), Likeness.NEARLY),
]

NOT_NEAR: list[tuple[Pair, Pair]] = [
    (("Tiana", "Mockford"), ("Tina", "Mockett")),
    (("Tiana", "Mockford"), ("Dana", "Mockford")),
    (("Ann", "Specimen"), ("Joan", "Specimen")),
    (("Mohammed", "Khan"), ("Ahmed", "Khan")),
    (("Max", "Khan"), ("Amir", "Khan")),
    (("Liz", "Hart"), ("Alice", "Hart")),
    (("Jack", "Smith"), ("Jacob", "Smythson")),
    (("Mark", "Reid"), ("Mary", "Reid")),
    (("Ella", "Ward"), ("Emma", "Ward")),
    (("Ian", "Cole"), ("Owen", "Cole")),
    (("Noah", "Price"), ("Nora", "Pryce")),
    (("Kofi", ""), ("Kofi", "Mensah")),
    (("", "Mockford"), ("Tiana", "Mockford")),
    (("Amy", "Hill"), ("Jimmy", "Hall")),
    (("", ""), ("Tiana", "Mockford")),
    (("", ""), ("", "")),
]


def ids(pairs: list[tuple[Pair, Pair, Likeness]] | list[tuple[Pair, Pair]]) -> list[str]:
    return [f"{' '.join(pair[0])} ~ {' '.join(pair[1])}" for pair in pairs]


@pytest.mark.parametrize(("one", "other", "how"), NEAR, ids=ids(NEAR))
def test_names_of_one_person_come_near_and_are_found_by_a_shared_key(one: Pair, other: Pair, how: Likeness) -> None:
    assert likeness(Name.of(*one), Name.of(*other)) is how
    wanted = sounds_to_look_for(plain_words(one[0])) | sounds_to_look_for(plain_words(one[1]))
    assert wanted & (sounds(plain_words(other[0])) | sounds(plain_words(other[1])))


@pytest.mark.parametrize(("one", "other"), NOT_NEAR, ids=ids(NOT_NEAR))
def test_names_of_different_people_do_not_come_near(one: Pair, other: Pair) -> None:
    assert likeness(Name.of(*one), Name.of(*other)) <= Likeness.PART


def test_nearness_does_not_depend_on_which_of_the_two_was_typed() -> None:
    for one, other, how in NEAR:
        assert likeness(Name.of(*other), Name.of(*one)) is how, (one, other)


def test_a_name_in_one_field_is_read_as_forename_and_surname() -> None:
    assert likeness(Name.whole("Dana  Mockford"), Name.whole("MOCKFORD, Dana")) is Likeness.SWAPPED
    assert likeness(Name.whole("Lee"), Name.whole("Lee")) is Likeness.SAME


def test_a_name_in_another_script_is_found_by_itself() -> None:
    assert sounds(plain_words("Олена")) and likeness(Name.whole("Олена"), Name.whole("олена")) is Likeness.SAME
