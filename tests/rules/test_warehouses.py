"""A warehouse's place is what routing can work with, or it is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from hub.canonical.errors import BadInput
from hub.rules.warehouses import check_warehouse


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"country": "Germany"}, "warehouse.country = 'Germany': use two capital letters (ISO 3166) such as DE"),
        ({"country": "de"}, "warehouse.country = 'de': use two capital letters (ISO 3166) such as DE"),
        ({"country": ""}, "warehouse.country = '': use two capital letters (ISO 3166) such as DE"),
        (
            {"ships_to": ["DE", "France"]},
            "warehouse.ships_to = 'France': use two capital letters (ISO 3166) such as DE",
        ),
        ({"lat": 91.0}, "warehouse.lat = 91.0: use degrees from -90 to 90"),
        ({"lon": float("nan")}, "warehouse.lon = nan: use degrees from -180 to 180"),
    ],
)
def test_a_place_that_is_none_is_refused_by_name(values: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_warehouse(values)
    assert str(caught.value) == message


def test_a_place_that_is_unknown_or_known_is_taken() -> None:
    check_warehouse({"country": None, "lat": None, "lon": None, "ships_to": []})
    check_warehouse({"country": "DE", "lat": -90, "lon": 180.0, "ships_to": ["DE", "AT"]})
