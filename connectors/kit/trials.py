"""Finds out what a key may do: each permission is tried with a call that changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.kit.http import Answer, Api
from hub.ports.channel import Finding

DENIED = frozenset({401, 403})
TOLD = DENIED | {400, 404, 409, 422}
"""Answers that say whether it was allowed: what a channel says against the call itself comes after permission."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One permission. `refused`: what is told where it is missing; its `mend` names what to grant."""

    refused: Finding
    method: str
    path: str
    body: Any = None
    query: Mapping[str, str] | None = None


def tried(api: Api, trials: Sequence[Trial], mend: Callable[[Trial, Answer], str]) -> Iterator[Finding]:
    """A finding for each; `mend` makes the words for what is missing out of the trial and the channel's answer."""
    for one in trials:
        answer = api.call(one.method, one.path, params=one.query, json=one.body, retry=True, accept=TOLD)
        denied = answer.status in DENIED
        yield replace(one.refused, mend=mend(one, answer)) if denied else Finding(one.refused.what, True)
