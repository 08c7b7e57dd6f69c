"""The circuit breaker, by a clock of the test."""

from glassbox.engine.circuit_breaker import CircuitBreaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_opens_after_failures_in_a_row_and_lets_one_call_try() -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=3, pause=5, clock=clock)
    breaker.failed()
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    breaker.failed()
    assert (breaker.state, breaker.passes()) == ("closed", True)
    breaker.failed()
    clock.now += 4.9
    assert (breaker.state, breaker.passes()) == ("open", False)
    clock.now += 0.1
    assert breaker.state == "half_open"
    assert [breaker.passes() for _ in range(3)] == [True, False, False]
    assert breaker.succeeded() is True
    assert (breaker.state, breaker.passes(), breaker.succeeded()) == ("closed", True, False)


def test_a_trial_that_fails_opens_it_again() -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=1, pause=5, clock=clock)
    breaker.failed()
    clock.now += 5
    assert breaker.passes()
    breaker.failed()
    clock.now += 4.9
    assert not breaker.passes()
    clock.now += 0.1
    assert breaker.passes()


def test_a_trial_that_never_ends_does_not_keep_it_open_for_ever() -> None:
    clock = Clock()
    breaker = CircuitBreaker(failures=1, pause=5, clock=clock)
    breaker.failed()
    clock.now += 5
    assert breaker.passes() and not breaker.passes()
    clock.now += 5
    assert breaker.passes()
