"""Whether a channel can be built of a connection's settings and secrets, before they are stored."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hub.canonical.errors import BadInput, BadRecord, NeedsPerson
from hub.ports.channel import Connection, ConnectorSpec
from hub.usecases.connection_fields import OURS
from hub.usecases.context import Context


def check_fit(ctx: Context, spec: ConnectorSpec, described: Connection, sealed: Mapping[str, str]) -> None:
    """Build the channel as its check does, and ask nobody.

    Args:   sealed: stored secrets that stay; those of `described` go before.
    Raises: BadInput: the connector's own sentence; `fields` has it beside the settings that it names, beside "settings"
            where it names none.
    """
    try:
        ctx.fits(described, sealed)
    except (NeedsPerson, BadRecord) as error:
        names = _named(spec, str(error)) or {"settings"}
        raise BadInput(str(error), dict.fromkeys(names, str(error))) from error


def _named(spec: ConnectorSpec, sentence: str) -> set[str]:
    """The fields that it is about: those named before its first colon, else anywhere; values in quotes name none."""
    known = {field: f"settings.{field}" for field in {f.name for f in spec.settings} | OURS}
    known |= {field.name: f"secrets.{field.name}" for field in spec.secrets}
    words = re.sub(r"'[^']*'", "", sentence)
    heads = (set(re.findall(r"\w+", part)) & known.keys() for part in (words.partition(":")[0], words))
    return {known[field] for field in next(filter(None, heads), ())}
