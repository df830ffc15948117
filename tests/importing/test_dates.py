"""A cell is one instant or none: never a guess between two readings, and the two odd nights of the year are settled."""

from datetime import UTC, datetime, time

import pytest

from mash.importing.dates import DoubledHour, Reading, Unclear, Zone, format_of, shape_of


def reading(*formats: str, zone: Zone = Zone.LONDON, doubled: DoubledHour = DoubledHour.REFUSE) -> Reading:
    return Reading(tuple(map(format_of, formats)), zone, doubled)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("form", "cell", "meant"),
    [
        ("day/month/year hour:minute", "03/04/2025 09:05", utc(2025, 4, 3, 8, 5)),
        ("month/day/year hour:minute", "03/04/2025 09:05", utc(2025, 3, 4, 9, 5)),
        ("day/month/year hour:minute", "3/4/2025   9:05", utc(2025, 4, 3, 8, 5)),
        ("day/month/short_year hour:minute", "03/04/25 09:05", utc(2025, 4, 3, 8, 5)),
        ("year-month-day hour:minute:second.fraction", "2025-01-31 23:59:58.123", utc(2025, 1, 31, 23, 59, 58)),
        ("year-month-dayThour:minute:secondoffset", "2025-07-01T10:00:00+02:00", utc(2025, 7, 1, 8, 0)),
        ("year-month-dayThour:minuteoffset", "2025-10-26T01:30Z", utc(2025, 10, 26, 1, 30)),
        ("day-month_name-year hour:minute", "01-Sept-2025 00:00", utc(2025, 8, 31, 23, 0)),
        ("day month_name year at hour:minute am_pm", "1 march 2025 at 12:05 AM", utc(2025, 3, 1, 0, 5)),
        ("day month_name year hour:minuteam_pm", "1 Mar 2025 12:05pm", utc(2025, 3, 1, 12, 5)),
        ("day.month.year hour:minute", "29.02.2024 12:00", utc(2024, 2, 29, 12, 0)),
    ],
)
def test_a_cell_is_read_as_the_format_says(form: str, cell: str, meant: datetime) -> None:
    assert reading(form).instant(cell) == (meant, False)


@pytest.mark.parametrize(
    "cell",
    ["31/02/2025 10:00", "29/02/2025 10:00", "01/13/2025 10:00", "01/01/2025 24:00", "01/01/2025", "45690.375", "n/k"],
)
def test_what_is_not_written_so_is_no_instant(cell: str) -> None:
    with pytest.raises(Unclear, match="is not a date written as `day/month/year hour:minute`"):
        reading("day/month/year hour:minute").instant(cell)


def test_two_formats_that_read_a_cell_differently_settle_nothing() -> None:
    both = reading("day/month/year hour:minute", "month/day/year hour:minute")
    assert both.instant("13/04/2025 09:00")[0] == utc(2025, 4, 13, 8, 0)
    assert both.instant("04/04/2025 09:00")[0] == utc(2025, 4, 4, 8, 0)
    with pytest.raises(Unclear, match="fits two formats"):
        both.instant("03/04/2025 09:00")


def test_the_doubled_hour_of_october_is_refused_or_settled_by_the_map() -> None:
    form, cell = "day/month/year hour:minute", "26/10/2025 01:30"
    with pytest.raises(Unclear, match="came twice that night"):
        reading(form).instant(cell)
    assert reading(form, doubled=DoubledHour.FIRST).instant(cell)[0] == utc(2025, 10, 26, 0, 30)
    assert reading(form, doubled=DoubledHour.SECOND).instant(cell)[0] == utc(2025, 10, 26, 1, 30)
    assert reading(form, zone=Zone.UTC).instant(cell)[0] == utc(2025, 10, 26, 1, 30)
    assert reading(form).instant("26/10/2025 00:59")[0] == utc(2025, 10, 25, 23, 59)
    assert reading(form).instant("26/10/2025 02:00")[0] == utc(2025, 10, 26, 2, 0)


@pytest.mark.parametrize("doubled", DoubledHour)
def test_the_hour_that_march_leaves_out_is_never_an_instant(doubled: DoubledHour) -> None:
    form = "day/month/year hour:minute"
    with pytest.raises(Unclear, match="a time that never was"):
        reading(form, doubled=doubled).instant("30/03/2025 01:30")
    assert reading(form, doubled=doubled).instant("30/03/2025 00:59")[0] == utc(2025, 3, 30, 0, 59)
    assert reading(form, doubled=doubled).instant("30/03/2025 02:00")[0] == utc(2025, 3, 30, 1, 0)


def test_a_date_alone_is_an_instant_only_where_the_map_gives_the_time() -> None:
    dates = reading("day/month/year")
    with pytest.raises(Unclear, match="a date without a time of day"):
        dates.instant("03/07/2025")
    assert dates.instant("03/07/2025", time(17, 15)) == (utc(2025, 7, 3, 16, 15), True)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("day/month", "say day, month and year once each"),
        ("day/month/month_name/year", "say day, month and year once each"),
        ("day/day/month/year", "`day` stands in it twice"),
        ("dd/mm/yyyy", "say day, month and year once each"),
        ("day/month/year hour", "a time of day has an hour and a minute"),
        ("day/month/year minute:second", "a time of day has an hour and a minute"),
        ("day/month/year o'clock hour:minute", "is not understood"),
    ],
)
def test_a_format_that_means_nothing_is_refused(form: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        format_of(form)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("31/02/2025 10:00", "31/02/2025 10:00"),
        ("1 March 25 at 9:00 pm", "1 March 25 xx 9:00 pm"),
        ("Mockford, Tiana", "xxxxxxxx, xxxxx"),
        ("943 476 5919 / 9434765919", "943 476 5919 / ##########"),
        ("Élodie\nsays so", "xxxxxx xxxx xx"),
        ("1234 " * 20, "1234 1234 1234 1234 1234 1234…"),
    ],
)
def test_what_a_cell_looks_like_gives_no_word_away(cell: str, shown: str) -> None:
    assert shape_of(cell) == shown
