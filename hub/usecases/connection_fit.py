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
        begins = re.match(r"(?:setting |secret )?(\w+) = ", str(error))
        named = {begins[1]} if begins else set(re.findall(r"\w+", str(error)))
        known = {f"settings.{field}" for field in ({f.name for f in spec.settings} | OURS) & named}
        secret = {f"secrets.{field.name}" for field in spec.secrets if field.name in named}
        raise BadInput(str(error), dict.fromkeys(known | secret or {"settings"}, str(error))) from error
