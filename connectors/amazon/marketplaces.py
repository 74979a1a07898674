"""Which region a marketplace belongs to (developer-docs.amazon.com/sp-api/docs/marketplace-ids)."""

from __future__ import annotations

from collections.abc import Iterable

from hub.canonical.faults import unfit

_IDS = {
    "na": "A2EUQ1WTGCTBG2 ATVPDKIKX0DER A1AM78C64UM0Y8 A2Q3Y263D00KWC",
    "eu": "A28R8C7NBKEWEA A1RKKUPIHCS9HS A1F83G8C2ARO7P A13V1IB3VIYZZH AMEN7PMS3EDWL A1805IZSGTT6HS A1PA6795UKMFR9 "
          "APJ6JRA9NG5V4 A2NODRKZP88ZB9 AE08WJ6YKNBMC A1C3SOZRARQ6R3 ARBP9OOSHTCHU A33AVAJ2PDY3EV A17E79C6D8DWNP "
          "A2VIGQ35RCS4UG A21TJRUUN4KGV",
    "fe": "A19VAU5U5O7RUS A39IBJ37TRP1C6 A1VC38T7YXB528",
}  # fmt: skip
"""CA US MX BR; IE ES UK FR BE NL DE IT SE ZA PL EG TR SA AE IN; SG AU JP, in the order of the page."""
REGION_OF = {marketplace: region for region, ids in _IDS.items() for marketplace in ids.split()}


def check_region(marketplaces: Iterable[str], region: str) -> None:
    """Refuse marketplaces of another region; one that the table does not know is left to Amazon.

    Raises: Misconfigured, which names it and its region.
    """
    for each in marketplaces:
        theirs = REGION_OF.get(each, region)
        if theirs != region:
            unfit(
                f"marketplaces: {each} belongs to region {theirs}, and region is {region}: each region takes a "
                "connection of its own", None,
            )  # fmt: skip
