"""Finds out what a key may do: each permission is tried with a call that changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.kit.wire.http import Answer, Api
from connectors.kit.wire.rest import RestClient
from hub.ports.channel import Finding

DENIED = frozenset({401, 403})
TOLD = DENIED | {400, 404, 409, 422}
"""Answers that say whether it was allowed: what a channel says against the call itself comes after permission."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One permission. `refused`: what is told where it is missing; its `mend` names what to grant.

    fine: the only statuses that mean that it is there; none: all but a refusal, for what a channel says against the
          call itself comes after the permission.
    """

    refused: Finding
    method: str
    path: str
    body: Any = None
    query: Mapping[str, str] | None = None
    fine: Collection[int] = ()

    def denied(self, status: int) -> bool:
        """Whether an answer means that it is missing."""
        return status not in self.fine if self.fine else status in DENIED


def permission(
    what: str, mend: str, method: str, path: str, body: Any = None, *, query: Mapping[str, str] | None = None
) -> Trial:
    """A trial of what a key must be allowed: what is told of it, and what to grant where it is missing."""
    return Trial(Finding(what, False, mend), method, path, body, query)


def tried(
    api: Api | RestClient,
    trials: Sequence[Trial],
    mend: Callable[[Trial, Answer], str] | None = None,
    told: Collection[int] = TOLD,
) -> Iterator[Finding]:
    """A finding for each.

    Args:   mend: makes the words for what is missing out of the trial and the channel's answer; None: the trial's own.
            told: answers that say whether it was allowed.
    Raises: what the API does for any other answer.
    """
    for one in trials:
        answer = api.call(one.method, one.path, params=one.query, json=one.body, retry=True, accept=told)
        missing = replace(one.refused, mend=mend(one, answer)) if mend else one.refused
        yield missing if one.denied(answer.status) else Finding(one.refused.what, True)
