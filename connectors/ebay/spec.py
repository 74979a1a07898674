"""The passport of the eBay connector."""

from __future__ import annotations

from dataclasses import replace

from connectors.kit.settings import CALLS_PER_SECOND, ORDERS_SINCE, REFUND_REFUSED, VERIFICATION_TOKEN
from connectors.kit.shop import SHOP
from hub.ports.channel import Can, ConnectorSpec, Field

SPEC = ConnectorSpec(
    name="ebay",
    title="eBay",
    can=SHOP | {Can.WEBHOOKS, Can.PROVE_ADDRESS},
    settings=(
        Field("client_id", "App ID (Client ID)", "Of your keyset: developer.ebay.com > Application Keys"),
        Field(
            "api_url",
            "API address",
            "https://api.sandbox.ebay.com for a keyset of eBay's own sandbox",
            required=False,
            default="https://api.ebay.com",
        ),
        replace(
            REFUND_REFUSED,
            help="yes: an order that is refused is paid back to the buyer; no: a person does it in Seller Hub",
        ),
        Field(
            "alert_email",
            "Alert address",
            "An e-mail address that eBay writes to when its notifications do not arrive; eBay wants one for webhooks",
            required=False,
        ),
        replace(
            ORDERS_SINCE,
            help="Such as 2026-11-01: the first pull leaves out what has not changed since; empty: the last 90 days",
        ),
        replace(
            CALLS_PER_SECOND,
            help="eBay counts calls a day, for each API of your keyset; lower it when eBay answers 429",
        ),
    ),
    secrets=(
        Field("client_secret", "Cert ID (Client Secret)", "Of the same keyset"),
        Field(
            "refresh_token",
            "Refresh token",
            "Of your seller account, from the consent page of the keyset; it is good for 18 months",
        ),
        Field(
            "signing_key",
            "Signing key",
            "Sellers in the EU and the UK, if refused orders are paid back: privateKey of createSigningKey (ED25519)",
            required=False,
            lines=3,
        ),
        Field("signing_jwe", "Signing key, public part", "The jwe that came with it", required=False, lines=3),
        replace(
            VERIFICATION_TOKEN,
            help="Only where you typed one in Alerts & Notifications of a keyset, beside our address; else one is made",
        ),
    ),
    calls_per_second=5.0,
    max_stock_lines=25,
    overlap_s=120,
    poll_s=60,
    every_s={"webhook_check": 3600},  # eBay counts calls a day, tokens among them
    stock_mode="absolute",
    docs="connectors/ebay/README.md",
    order_ref="eBay's order number, such as 12-34567-89012",
)
