"""Whether a channel can be built of a connection's settings and secrets, before they are stored."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hub.canonical.errors import BadRecord, Misconfigured, NeedsPerson
from hub.ports.channel import Connection, ConnectorSpec
from hub.usecases.connection_fields import OURS
from hub.usecases.context import Context


def misfits(ctx: Context, spec: ConnectorSpec, described: Connection, sealed: Mapping[str, str]) -> dict[str, str]:
    """Build the channel as its check does, and ask nobody.

    Args:    sealed: stored secrets that stay; those of `described` go before.
    Returns: the connector's own sentences, each beside the fields that it names ("settings.x", "secrets.x"), beside
             "settings" where it names none; empty where the channel can be built.
    """
    try:
        ctx.fits(described, sealed)
    except Misconfigured as error:
        return _beside(spec, error.faults)
    except (NeedsPerson, BadRecord) as error:
        return _beside(spec, (str(error),))
    return {}


def _beside(spec: ConnectorSpec, sentences: Sequence[str]) -> dict[str, str]:
    """Field -> what is wrong with it: where two sentences name one field, both."""
    found: dict[str, str] = {}
    for sentence in sentences:
        for name in _named(spec, sentence) or {"settings"}:
            found[name] = f"{found[name]}; {sentence}" if name in found else sentence
    return found


def _named(spec: ConnectorSpec, sentence: str) -> set[str]:
    """The fields that it is about: those named before its first colon, else anywhere; values in quotes name none."""
    known = {field: f"settings.{field}" for field in {f.name for f in spec.settings} | OURS}
    known |= {field.name: f"secrets.{field.name}" for field in spec.secrets}
    words = re.sub(r"'[^']*'", "", sentence)
    heads = (set(re.findall(r"\w+", part)) & known.keys() for part in (words.partition(":")[0], words))
    return {known[field] for field in next(filter(None, heads), ())}
