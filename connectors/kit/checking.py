"""The check of a shop, step by step: what a person would mend first comes first, and what blocks the rest ends it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from connectors.kit.trials import DENIED
from connectors.kit.wire.http import Answer, Api
from hub.canonical.errors import AuthFailed
from hub.ports.channel import Finding

Step = Finding | Sequence[Finding]
"""A finding, or several that are told together whatever one of them says."""


class StepCheckup(ABC):
    """The check of one shop. `soft`: findings, by what they are called, that block nothing."""

    soft: ClassVar[Sequence[str]] = ()

    def run(self, callback_url: str | None) -> tuple[Finding, ...]:
        """The findings up to the first step that blocks the rest.

        Args: callback_url: where the shop is to call; None where no webhook is to be looked at.
        """
        found = list[Finding]()
        for step in self.steps(callback_url):
            told = (step,) if isinstance(step, Finding) else tuple(step)
            found += told
            if any(not one.ok and one.what not in self.soft for one in told):
                break
        return tuple(found)

    @abstractmethod
    def steps(self, callback_url: str | None) -> Iterator[Step]:
        """What is looked at, in the order in which a person would mend it; asked for one by one."""


def judged(what: str, fine: bool, mend: str) -> Finding:
    """A finding that says how to mend it only where it is not fine."""
    return Finding(what, fine, "" if fine else mend)


def as_allowed(what: str, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings that are asked for one by one; where the key may not ask, that is one of them and ends them."""
    try:
        yield from findings
    except AuthFailed as error:
        yield Finding(what, False, str(error))


def door(
    api: Api,
    path: str,
    address: Finding,
    key: Finding,
    *,
    query: Mapping[str, str] | None = None,
    refuses: Callable[[Answer], bool] = lambda answer: answer.status in DENIED,
) -> Iterator[Finding]:
    """Whether the shop's API answers at the address that was typed, then whether it takes the key.

    Args:   path, query: a call that every key may make.
            address, key: what is told where it is not so.
            refuses: whether an answer means that the key is none, and not that it may not make this call.
    Raises: what the API does for any other answer.
    """
    answer = api.call("GET", path, params=query, accept=DENIED | {404})
    if answer.status == 404:
        yield address
        return
    yield replace(address, ok=True, mend="")
    yield key if refuses(answer) else replace(key, ok=True, mend="")
