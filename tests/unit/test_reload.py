"""A reload leaves no worker of before it, and no moment without one that answers."""

import pytest

from ivr.serving.reload import RETRY_SECONDS, Reload


class Worker:
    """A worker that becomes ready, dies and ends when the test says so."""

    def __init__(self, pid):
        self.pid, self.ready, self.alive, self.late = pid, False, True, False
        self.asked_to_end = self.killed = False

    @property
    def exitcode(self):
        return None if self.alive else -15

    def is_ready(self):
        return self.alive and self.ready

    def is_alive(self):
        return self.alive

    def terminate(self):
        self.asked_to_end = True

    def kill(self):
        self.killed, self.alive = True, False


class Workers:
    """Two workers of a supervisor, and those that its reload starts, at a time that the test sets."""

    def __init__(self):
        self.now, self.started = 0.0, []
        self.running = [Worker(1), Worker(2)]
        self.old = tuple(self.running)
        self.reload = Reload(self.start, lambda: self.now)

    def start(self):
        self.started.append(Worker(3 + len(self.started)))
        return self.started[-1]

    def begin(self):
        self.reload.begin(self.running)

    def go_on(self):
        self.reload.go_on(self.running)

    def become_ready(self):
        """The last one that was started becomes ready, and whoever was asked to end has ended."""
        self.started[-1].ready = True
        self.go_on()
        for each in (*self.old, *self.started):
            each.alive = each.alive and not each.asked_to_end
        self.go_on()
        self.go_on()


@pytest.fixture
def workers():
    return Workers()


def test_each_worker_ends_only_when_its_successor_is_ready(workers):
    workers.begin()
    workers.go_on()
    workers.go_on()
    assert workers.running == [*workers.old]
    assert not workers.old[0].asked_to_end
    workers.become_ready()
    assert workers.running == [workers.started[0], workers.old[1]]
    assert workers.old[0].asked_to_end
    assert not workers.old[1].asked_to_end
    workers.become_ready()
    assert workers.running == workers.started
    workers.go_on()
    assert len(workers.started) == 2


@pytest.mark.parametrize("how", ["alive", "late"])
def test_a_successor_that_dies_or_takes_too_long_is_followed_by_another_after_a_pause(workers, how):
    workers.begin()
    workers.go_on()
    workers.become_ready()
    setattr(workers.started[1], how, how == "late")
    workers.go_on()
    workers.go_on()
    workers.go_on()
    assert workers.started[1].killed
    assert len(workers.started) == 2
    assert workers.running == [workers.started[0], workers.old[1]]
    workers.now += RETRY_SECONDS
    workers.go_on()
    workers.become_ready()
    assert workers.running == [workers.started[0], workers.started[2]]


def test_a_successor_that_was_started_before_a_second_reload_is_replaced_too(workers):
    workers.begin()
    workers.go_on()
    workers.begin()
    for _ in range(3):
        workers.become_ready()
    assert workers.started[0].asked_to_end
    assert workers.running == workers.started[1:]
    assert len(workers.started) == 3


def test_workers_that_died_during_a_reload_need_no_successor_more(workers):
    workers.begin()
    workers.go_on()
    new = workers.running[:] = [Worker(8), Worker(9)]
    workers.become_ready()
    assert workers.running == new
    assert workers.started[0].asked_to_end
    assert workers.reload.others == []
    assert len(workers.started) == 1


def test_a_replaced_worker_that_does_not_end_is_killed(workers):
    workers.begin()
    workers.go_on()
    workers.started[0].ready = True
    workers.go_on()
    workers.go_on()
    assert not workers.old[0].killed
    assert workers.reload.others == [workers.old[0]]
    workers.now += 10
    workers.go_on()
    assert workers.old[0].killed
