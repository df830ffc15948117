"""The scheduler only rings: at once, again at every interval, and after a ring that failed."""

from threading import Event

from mash.workflow.scheduler import Bell, ringing


def test_it_rings_at_once_and_again_though_the_first_ring_failed() -> None:
    rings, twice = [], Event()

    def ring() -> None:
        rings.append(1)
        if len(rings) == 1:
            raise RuntimeError("the database went away")
        twice.set()

    scheduler = ringing([Bell("sweep", ring, 1)], in_background=True)
    scheduler.start()
    try:
        assert twice.wait(20)
    finally:
        scheduler.shutdown()


def test_a_stall_is_caught_up_once_and_never_twice_at_a_time() -> None:
    (job,) = ringing([Bell("sweep", lambda: None, 15)], in_background=True).get_jobs()
    assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
