"""One campaign: the hub dies at every point while shops, customers and pickers go on; then everything is proven."""

from __future__ import annotations

import random
import socket
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from demo import run
from hub.ports.failpoints import POINTS
from hub.settings import Settings
from hub.wiring import Hub
from tests.kill import proofs
from tests.kill.lanes import Kill, Lane
from tests.kill.processes import Cold, Mother, Nursery
from tests.kill.stage import Stage, playing, read_what_came_of_it, tell_last_numbers, wait_until

WEB = ("after_hmac", "after_inbox_commit", "before_200")
BELL = ("after_publish", "after_confirm")
WORKER = tuple(point for point in POINTS if point not in WEB)
WORK_LEASE_S, LEASE_S, POLL_S = 3.0, 3.0, 0.5

Say = Callable[[str], None]
LanePlan = tuple[str, Sequence[str], list[str]]
"""(name, arguments of `stockline`, points in the order in which they kill it)"""


def embedded_plan(times: int) -> list[LanePlan]:
    """Everything in one process."""
    return [("up", ["up"], list(POINTS) * times)]


def scaled_plan(times: int) -> list[LanePlan]:
    """Web, two workers and the scheduler, dying independently; whoever rings dies at the bell's points in turn."""
    web, clock = list(WEB) * times, list[str]()
    workers: tuple[list[str], list[str]] = ([], [])
    for turn in range(times):
        work = [point for point in WORKER if point not in BELL]
        half = len(work) // 2
        workers[turn % 2].extend(work[:half])
        workers[(turn + 1) % 2].extend(work[half:])
        (workers[0], clock, workers[1])[turn % 3].extend(BELL)
    return [("web", ["web"], web), ("worker-1", ["worker"], workers[0]), ("worker-2", ["worker"], workers[1]),
            ("scheduler", ["scheduler"], clock)]  # fmt: skip


@dataclass(slots=True)
class Campaign:
    """One hub with everything around it.

    settings: database, broker, data folder; the stage reaches the database at `stage_url` where that is given.
    cold:     every process starts from nothing, instead of from a warm fork.
    nursery:  where warm forks come from; the campaign's own without it.
    """

    settings: Settings
    folder: Path
    plan: list[LanePlan]
    say: Say = print
    seed: int = 7
    cold: bool = False
    stage_url: str = ""
    nursery: Nursery | None = None

    def run(self, disturb: Callable[[Stage], None] = lambda _stage: None) -> list[Kill]:
        """Start, disturb, kill, wait for rest, stop, prove; returns the deaths. The plan's points are the kills."""
        began = time.monotonic()
        port = _free_port()
        mother = Cold() if self.cold else (self.nursery or Nursery())
        here = self.settings.model_copy(update={"database_url": self.stage_url or self.settings.database_url})
        try:
            with Hub(here) as hub, playing(hub, f"http://127.0.0.1:{port}", self.seed) as stage:
                lanes = [self._lane(plan, port, mother) for plan in self.plan]
                try:
                    self._kill(lanes)
                    disturb(stage)
                    self._come_to_rest(stage, lanes)
                finally:
                    statuses = [lane.process.end() for lane in lanes if lane.process]
                assert statuses == [0] * len(lanes), "SIGTERM ends a process in order"
                self._prove(hub, stage)
        finally:
            if mother is not self.nursery:
                mother.close()
        kills = [kill for lane in lanes for kill in lane.kills]
        if kills:
            self._sum_up(kills, time.monotonic() - began)
        return kills

    def _lane(self, plan: LanePlan, port: int, mother: Mother) -> Lane:
        name, command, points = plan
        arguments = [*command, "--port", str(port)] if name in ("up", "web") else list(command)
        dice = random.Random(f"{self.seed} {name}")
        lane = Lane(name, arguments, self._environment, points, self.folder / f"{name}.log", mother, dice, self.say)
        lane.start()
        return lane

    @property
    def _environment(self) -> dict[str, str]:
        given = self.settings
        return {
            "STOCKLINE_DATABASE_URL": given.database, "STOCKLINE_BROKER_URL": given.broker_url,
            "STOCKLINE_DATA_DIR": str(given.data_dir), "STOCKLINE_QUEUE_PREFIX": given.queue_prefix,
            "STOCKLINE_WORK_LEASE_S": str(WORK_LEASE_S), "STOCKLINE_LEASE_S": str(LEASE_S),
            "STOCKLINE_POLL_S": str(POLL_S), "STOCKLINE_LOG_FORMAT": "json", "STOCKLINE_CRASH_AT": "",
        }  # fmt: skip

    def _kill(self, lanes: Sequence[Lane]) -> None:
        while not all(lane.done for lane in lanes):
            for lane in lanes:
                lane.step()
            time.sleep(0.02)

    def _come_to_rest(self, stage: Stage, lanes: Sequence[Lane]) -> None:
        self.say("customers stop, waiting until every channel is told")
        stage.halt()
        left = run.settle(stage.world, self.say)
        assert left == {}, f"not finished: {left}"
        assert [lane.process.born.status() for lane in lanes if lane.process] == [None] * len(lanes)
        hooks = [shop.sandbox.hooks.deliverer for shop in stage.world.shops if hasattr(shop.sandbox, "hooks")]
        assert wait_until(lambda: all(deliverer.idle() for deliverer in hooks), 30)
        assert read_what_came_of_it(stage), "a stream of orders did not run again"
        left = run.settle(stage.world, self.say)
        assert left == {}, f"not finished: {left}"

    def _prove(self, hub: Hub, stage: Stage) -> None:
        tell_last_numbers(stage)
        result = proofs.by_the_books(stage)
        proofs.every_accepted_webhook_is_kept(stage)
        proofs.every_parcel_was_told_once(stage)
        proofs.nothing_is_left(hub.db)
        report = proofs.audit(self._environment)
        self.say(f"{result['placed']} orders, {result['shipped']} shipped, {result['refused_short']} refused, "
                 f"{result['cancelled']} cancelled; {len(stage.accepted)} webhooks accepted; "
                 f"{report['ledger_rows']} ledger rows, {report['mismatches']} mismatches")  # fmt: skip

    def _sum_up(self, kills: Sequence[Kill], seconds: float) -> None:
        backs = [kill.back for kill in kills if kill.back is not None]
        median, worst = statistics.median(backs), max(backs)
        self.say(f"{len(kills)} kills in {seconds:.0f} s; back after {median:.1f} s (median), {worst:.1f} s (worst)")
        assert len(backs) == len(kills)


def _free_port() -> int:
    """A port that is free now; the hub takes it again after every death, so that the shops find it."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
