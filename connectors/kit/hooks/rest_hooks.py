"""Webhooks of a shop with a REST API: each stands registered once, calls us, and is signed with our secret."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from connectors.kit.hooks.registering import Register, Wanted, rest_put
from connectors.kit.values import Row, text_id
from connectors.kit.wire.http import Api
from hub.canonical.errors import AuthFailed
from hub.canonical.told import told
from hub.ports.channel import Finding

NO_SECRET = Finding("webhooks", False, told("set webhook_secret to any long random text"))
REFUSED = told("the shop did not take it: {error}")


def signed_name(what: str, secret: str) -> str:
    """A webhook's name that tells by which secret it is signed, for shops that never show the secret again."""
    return f"Stockline {what} {hashlib.sha256(secret.encode()).hexdigest()[:8]}"


def rest_hooks(
    api: Api,
    path: str,
    rows: Iterable[Row],
    wanted: Iterable[Wanted],
    secret: str,
    *,
    force: Mapping[str, str] | None = None,
) -> Iterator[Finding]:
    """One finding for each that must stand in the list at `path`; missing ones are made, wrong ones mended.

    Args:   rows:   what stands there now; asked for only where there is a secret. A key that may not see it is a
                    finding.
            secret: what signs them; "" is a finding of its own, and the only one.
            force:  what a query must say so that one is deleted for good.
    Raises: what the API does, but for Rejected, which becomes the finding.
    """

    def drop(row: Row) -> None:
        api.call("DELETE", f"{path}/{text_id(row.get('id'))}", params=force)

    if not secret:
        yield NO_SECRET
        return
    try:
        standing = list(rows)
    except AuthFailed as error:
        yield Finding("webhooks", False, told(f"make the key for a user who may manage the shop ({error})"))
        return
    register = Register(standing, rest_put(api.call, path), REFUSED, drop)
    yield from (register.settle(one).finding for one in wanted)
