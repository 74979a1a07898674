"""The crash points kill the whole process group at the pass that was asked for."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from hub.canonical.errors import Misconfigured
from hub.ports import failpoints
from workers import crash

PROGRAM = """
import sys
from hub.ports.failpoints import reach
from workers.crash import arm
arm(sys.argv[1])
for turn in range(4):
    reach("after_claim")
    reach("before_commit")
    print(turn, flush=True)
"""


@pytest.mark.parametrize(
    ("crash_at", "printed"),
    [("before_commit", []), ("after_claim:3", ["0", "1"]), ("after_claim:9", ["0", "1", "2", "3"]), ("", list("0123"))],
)
def test_the_group_dies_at_the_nth_pass(crash_at: str, printed: list[str]) -> None:
    command = [sys.executable, "-c", PROGRAM, crash_at]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, start_new_session=True)
    assert done.stdout.split() == printed
    died = len(printed) < 4
    assert done.returncode == (-signal.SIGKILL if died else 0)
    assert done.stderr == (f"{crash.DYING} {crash_at.partition(':')[0]}\n" if died else "")


@pytest.mark.parametrize(
    ("crash_at", "why"), [("nowhere", "no point 'nowhere'"), ("after_claim:x", "'x' is no number; write after_claim:3")]
)
def test_a_point_that_does_not_exist_is_refused(crash_at: str, why: str) -> None:
    with pytest.raises(Misconfigured, match=why):
        crash.arm(crash_at)
    assert failpoints._observer == [] or failpoints._observer[0].__class__.__name__ != "_Bomb"
