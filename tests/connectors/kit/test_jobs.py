"""Work that a channel does later is asked for until it is done, or until the waits are used up."""

from __future__ import annotations

from connectors.kit.wire.jobs import wait_for


def test_it_asks_until_it_is_done_and_waits_between() -> None:
    answers, slept = iter([1, 2, 3, 4]), list[float]()
    assert wait_for(lambda: next(answers), lambda found: found == 3, waits_s=(0.1, 0.2, 0.4), sleep=slept.append) == 3
    assert slept == [0.1, 0.2]


def test_what_is_done_at_once_is_asked_once_and_what_never_is_gives_its_last_answer() -> None:
    asked, slept = list[int](), list[float]()

    def ask() -> int:
        asked.append(len(asked))
        return asked[-1]

    assert wait_for(ask, lambda found: True, waits_s=(1.0,), sleep=slept.append) == 0
    assert wait_for(ask, lambda found: False, waits_s=(1.0, 2.0), sleep=slept.append) == 3
    assert slept == [1.0, 2.0]
