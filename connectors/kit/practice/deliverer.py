"""Sends a sandbox's webhooks as platforms do: in a thread, with retries; late, doubled, reordered or lost on order."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import requests

from connectors.kit.practice.sandbox import Faults

CAPACITY = 20_000
CONNECT_S, TOTAL_S = 1.0, 5.0
BACKOFF_S = (0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0, 2.0)
STOP_S = 10.0


@dataclass(slots=True)
class Delivery:
    """One webhook to send. `group` names the subscription; `tries` counts the attempts made."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    group: str = ""
    tries: int = field(default=0, compare=False)


class Deliverer:
    """A thread that POSTs deliveries in order of their due time.

    Args:
        faults:    decides on `webhook_lost`, `webhook_doubled`, `webhook_late`, `webhook_reordered`.
        on_answer: called after each attempt: (delivery, accepted, final); final: no further try follows.
        backoff_s: waits between tries; a delivery is tried `len(backoff_s) + 1` times.
        late_s:    how late a late webhook is.
        held_s:    how long a reordered webhook waits at most for one to overtake it.
    """

    def __init__(
        self,
        faults: Faults,
        on_answer: Callable[[Delivery, bool, bool], None] = lambda delivery, accepted, final: None,
        *,
        backoff_s: Sequence[float] = BACKOFF_S,
        late_s: float = 2.0,
        held_s: float = 1.0,
    ) -> None:
        self._faults, self._on_answer, self._backoff = faults, on_answer, tuple(backoff_s)
        self.late_s, self.held_s = late_s, held_s
        self._wake = threading.Condition()
        self._queue: list[tuple[float, int, Delivery]] = []
        self._numbers = itertools.count()
        self._held: Delivery | None = None
        self._busy = self._stopping = False
        self._thread: threading.Thread | None = None
        self.dropped = 0

    def start(self) -> None:
        """Begin to deliver (also again after `stop`)."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what waits is forgotten."""
        with self._wake:
            self._stopping = True
            self._queue.clear()
            self._held = None
            self._wake.notify_all()
        if self._thread:
            self._thread.join(STOP_S)
        self._thread = None

    def send(self, delivery: Delivery) -> None:
        """Deliver, unless a fault has other plans."""
        if self._faults.strikes("webhook_lost"):
            return
        late = self.late_s if self._faults.strikes("webhook_late") else 0.0
        with self._wake:
            if not late and self._held is None and self._faults.strikes("webhook_reordered"):
                self._hold(delivery)
                return
            self._push(delivery, late)
            if self._faults.strikes("webhook_doubled"):
                self._push(Delivery(delivery.url, delivery.body, delivery.headers, delivery.group), late)
            self._release()

    def _hold(self, delivery: Delivery) -> None:
        """Keep it back until the next one has gone ahead, `held_s` at most."""
        self._held = delivery
        self._push(delivery, self.held_s)

    def _release(self) -> None:
        """What is held goes out now, behind what was pushed before this call."""
        held, self._held = self._held, None
        if held is not None:
            self._queue = [entry for entry in self._queue if entry[2] is not held]
            heapq.heapify(self._queue)
            self._push(held, 0.0)

    def _push(self, delivery: Delivery, wait: float) -> None:
        with self._wake:
            if len(self._queue) >= CAPACITY:
                self.dropped += 1
                return
            heapq.heappush(self._queue, (time.monotonic() + wait, next(self._numbers), delivery))
            self._wake.notify_all()

    def idle(self) -> bool:
        """Whether nothing waits and nothing is under way."""
        with self._wake:
            return not self._queue and not self._busy

    def wait_idle(self, seconds: float = 10.0) -> bool:
        """Wait until `idle`; False when it takes longer."""
        deadline = time.monotonic() + seconds
        while not self.idle():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def forget(self, group: str) -> None:
        """Drop what waits for this subscription."""
        with self._wake:
            self._queue = [entry for entry in self._queue if entry[2].group != group]
            heapq.heapify(self._queue)

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (delivery := self._next()) is not None:
                self._attempt(session, delivery)
                self._busy = False

    def _next(self) -> Delivery | None:
        """The next delivery that is due; None when stopping."""
        with self._wake:
            while not self._stopping:
                wait = self._queue[0][0] - time.monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    return self._taken()
                self._wake.wait(wait)
            return None

    def _taken(self) -> Delivery:
        self._busy = True
        delivery = heapq.heappop(self._queue)[2]
        if delivery is self._held:
            self._held = None
        return delivery

    def _attempt(self, session: requests.Session, delivery: Delivery) -> None:
        accepted = _accepted(session, delivery)
        delivery.tries += 1
        final = accepted or delivery.tries > len(self._backoff)
        if not final and not self._stopping:
            self._push(delivery, self._backoff[delivery.tries - 1])
        self._on_answer(delivery, accepted, final)


def _accepted(session: requests.Session, delivery: Delivery) -> bool:
    """Whether the receiver answered 2xx in time; a redirect is a refusal."""
    try:
        response = session.post(
            delivery.url, data=delivery.body, headers=dict(delivery.headers), timeout=(CONNECT_S, TOTAL_S),
            allow_redirects=False,
        )  # fmt: skip
    except requests.RequestException:
        return False
    return 200 <= response.status_code < 300
