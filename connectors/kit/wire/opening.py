"""Opens a shop's API: the address that was typed, the merchant's pace, and no secret of the connection in a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from requests.auth import AuthBase

from connectors.kit.settings import ALLOW_HTTP, calls_per_second
from connectors.kit.wire.http import Api, http_or_https, https_or_loopback
from connectors.kit.wire.limiter import Bucket
from hub.ports.channel import Connection, ConnectorSpec

SHOP_URL = "shop_url"
"""What the setting of a shop's address is called where a connector says nothing else."""


def own_pace(settings: Mapping[str, str], spec: ConnectorSpec) -> Bucket:
    """Calls at the pace of a connection; two seconds' worth of them may come at once. Raises Misconfigured."""
    pace = calls_per_second(settings, spec)
    return Bucket(pace, size=2 * pace)


def shop_api(
    connection: Connection,
    spec: ConnectorSpec,
    below: str = "",
    *,
    auth: AuthBase | None = None,
    headers: Mapping[str, str] | None = None,
    setting: str = SHOP_URL,
) -> Api:
    """The API of the shop at the address that the setting has.

    Args:   below: path from there on, such as "/admin"; an address that was typed with it is taken as it is.
            auth, headers: those of `Api`. Plain http is taken where the passport has `ALLOW_HTTP` and it says so.
            setting: its name in the passport.
    Raises: Misconfigured: an address or a pace that cannot be. ValueError: the passport has no such setting.
    """
    _declared(setting, spec)
    url = connection.settings.get(setting, "").strip().rstrip("/").removesuffix(below)
    return Api(
        f"{url}{below}",
        headers,
        auth=auth,
        limiter=own_pace(connection.settings, spec),
        secrets=[secret for secret in map(str.strip, connection.secrets.values()) if secret],
        guard=_guard(connection, spec),
        setting=setting,
    )


def _declared(setting: str, spec: ConnectorSpec) -> None:
    """Raises ValueError, which is told as the connector's own fault: no person could fill the setting in."""
    names = [field.name for field in spec.settings]
    if setting not in names:
        raise ValueError(
            f"shop_api reads the shop's address from the setting {setting!r}, and SPEC of {spec.name} declares "
            f"{', '.join(names) or 'none'}: declare it, or call shop_api(…, setting=NAME)"
        )


def _guard(connection: Connection, spec: ConnectorSpec) -> Callable[[str, str], None]:
    plain = ALLOW_HTTP in spec.settings and connection.settings.get(ALLOW_HTTP.name, "").strip() == "yes"
    return http_or_https if plain else https_or_loopback
