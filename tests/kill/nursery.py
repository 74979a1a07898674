"""Starts `stockline` processes out of one that has imported everything already: a fork instead of seconds of imports.

stdin: one JSON line a birth, {"arguments": [...], "environment": {...}, "log": FILE}. stdout: {"pid": …} for each, and
{"pid": …, "status": …} for each death, as subprocess tells it (-9: killed). Each child leads its own process group.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
from collections.abc import Mapping
from typing import Any

from hub import api
from hub.cli.main import main

LOOK_S = 0.01
LATER = (
    "hub.cli.serve", "hub.cli.web_server", "hub.store.migrate", "alembic.command", "kombu.transport.pyamqp",
    "workers.consumer", "celery.concurrency.thread", "celery.apps.worker", "psycopg", "connectors.shopify.connector",
    "connectors.woocommerce.connector", "connectors.x12.connector", "uvicorn.loops.uvloop", "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
)  # fmt: skip
"""What the program imports when it is needed: here before the forks."""


def wait_for_births() -> Mapping[str, Any] | None:
    """The loop of the parent. Returns in a child: what it shall become; None when stdin ends."""
    waiting, children = b"", set[int]()
    while True:
        if select.select([0], [], [], LOOK_S)[0]:
            read = os.read(0, 65536)
            if not read:
                end(children)
                return None
            waiting += read
        *lines, waiting = waiting.split(b"\n")
        for line in lines:
            pid = os.fork()
            if pid == 0:
                return dict(json.loads(line))
            children.add(pid)
            say(pid=pid)
        for pid in tuple(children):
            tell_death(pid, children)


def tell_death(pid: int, children: set[int]) -> None:
    """Say so where this child has died since the last look."""
    found, status = os.waitpid(pid, os.WNOHANG)
    if found:
        children.discard(pid)
        say(pid=pid, status=os.waitstatus_to_exitcode(status))


def end(children: set[int]) -> None:
    """Whoever started us is gone: nobody may stay behind."""
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def say(**words: object) -> None:
    """One line to whoever started us."""
    os.write(1, json.dumps(words).encode() + b"\n")


def become(birth: Mapping[str, Any]) -> None:
    """Be `stockline ARGUMENTS` in a session of its own, with this environment, writing to this log."""
    os.setsid()
    log = os.open(birth["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    null = os.open(os.devnull, os.O_RDONLY)
    for number, source in ((0, null), (1, log), (2, log)):
        os.dup2(source, number)
    os.environ.update(birth["environment"])
    sys.argv = ["stockline", *birth["arguments"]]
    main()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in LATER:
        importlib.import_module(name)
    api.routers()
    say(ready=len(LATER))
    gc.freeze()
    born = wait_for_births()
    if born is not None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        become(born)
