"""All errors of the hub, sorted by what has to happen next.

StocklineError
├── Rejected            the answer is no; asking again changes nothing
│   ├── NotFound        no such thing
│   ├── NotAllowed      this person or key may not do that
│   └── Conflict        the thing is not in a state that allows it
│       └── StockGone   somebody else took the stock in the meantime
├── Retryable           try again later (`retry_after` seconds when the channel said so)
│   ├── Throttled       the channel asked us to slow down
│   │   └── HeldBack    our own limit keeps the call back: nothing was asked, nothing failed
│   ├── ChannelDown     the channel is out of order or out of reach
│   └── TimedOut        the outcome is unknown: it may have happened
├── NeedsPerson         a person must act before trying again makes sense
│   ├── AuthFailed      credentials or a signature were refused
│   └── Misconfigured   a setting is missing or wrong
├── BadRecord           one record cannot be understood: it is held, its neighbors go on
├── ConnectorFault      the code of another package's connector failed: it is told, all others go on
└── InvariantBroken     a promise of ours does not hold: stop, tell, never hide
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from hub.canonical.told import told


class StocklineError(Exception):
    """Base of every expected failure. `status` is its HTTP status at the API's edge."""

    status = 500


class Rejected(StocklineError):
    """The answer is no; asking again changes nothing."""

    status = 409


class NotFound(Rejected):
    """There is no such thing."""

    status = 404


class NotAllowed(Rejected):
    """This person or key may not do that."""

    status = 403


class Conflict(Rejected):
    """The thing is not in a state that allows it."""


class StockGone(Conflict):
    """Somebody else took the stock that was planned on; `skus` says of what."""

    def __init__(self, message: str, skus: Collection[str] = ()) -> None:
        super().__init__(message)
        self.skus = frozenset(skus)


class BadInput(Rejected):
    """What a person or program sent cannot be used; the message says what, where and how to mend it.

    Args: fields: name of a field -> what is wrong with it, a code word or the sentence; where single fields are known.
          faults: the sentences of the message, one for each fault, where several are told at once.
    """

    status = 422

    def __init__(self, message: str, fields: Mapping[str, str] | None = None, faults: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.fields: dict[str, str] = dict(fields or {})
        self.faults = tuple(faults)


class Retryable(StocklineError):
    """It may work later. `retry_after` is in seconds, None where the channel named no time."""

    status = 503

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Throttled(Retryable):
    """The channel asked us to slow down."""


class HeldBack(Throttled):
    """Our own limit keeps the call back: nothing was asked and nothing failed; `retry_after` is always named."""


class ChannelDown(Retryable):
    """The channel is out of order or out of reach."""


class TimedOut(Retryable):
    """No answer came in time: the outcome is unknown, it may have happened."""


class NeedsPerson(StocklineError):
    """A person must act before another try makes sense."""

    status = 424


class AuthFailed(NeedsPerson):
    """Credentials or a signature were refused."""

    status = 401


class Misconfigured(NeedsPerson):
    """A setting is missing or wrong; `faults` has a sentence for each where several are told at once."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class BadRecord(StocklineError):
    """One record cannot be understood.

    Args:
        field: path of the field, e.g. `line_items[2].price`.
        value: what stood there (cut to 200 characters).
        why:   what is wrong with it, and what would be right.
    """

    status = 422

    def __init__(self, field: str, value: object, why: str) -> None:
        self.field = field
        self.value = "null" if value is None else str(value)[:200]
        self.why = why
        super().__init__(told(f"{field} = {self.value!r}: {why}"))


class ConnectorFault(StocklineError):
    """The code of a connector failed that comes from another package.

    Args:
        connector, package: whose fault it is. verb: what it was asked for, as the port calls it.
        words: kind, words and place of what it raised. kind: its class alone.
    """

    status = 502

    def __init__(self, connector: str, package: str, verb: str, words: str, kind: str) -> None:
        self.package = package
        self.kind = kind
        super().__init__(told(
            f"connector {connector}: its package {package} has a fault of its own in {verb} ({words}); neither "
            "Stockline nor your shop is to blame: report this to the maker of the package, or install another version "
            "of it; all other connections go on"
        ))  # fmt: skip


class InvariantBroken(StocklineError):
    """A promise of ours does not hold."""
