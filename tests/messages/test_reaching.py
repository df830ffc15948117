"""Whoever leaves and whatever fails: an alert reaches somebody, or it is loud that it has not."""

import pytest

from mash.db import Database
from tests.support.random_reaching import history


@pytest.mark.parametrize("seed", [1, 2])
def test_every_alert_of_a_random_history_reaches_somebody_or_is_loud(database: Database, seed: int) -> None:
    played = history(database, seed)
    assert not played.wrong, "\n".join([*played.said, *played.wrong])
    assert played.counts["alerts that reached somebody"] > 10
