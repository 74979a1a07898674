"""Work that is not timed, as many jobs at once as there are processors; what they find does not depend on that."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Job = TypeVar("Job")
Found = TypeVar("Found")


def at_once(act: Callable[[Job], Found], jobs: Sequence[Job], chunk: int = 1) -> list[Found]:
    """`act` of every job, in their order; so many jobs go to a process together as `chunk` says."""
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("fork")) as pool:
        return list(pool.map(act, jobs, chunksize=chunk))
