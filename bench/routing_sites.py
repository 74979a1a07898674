"""Where the warehouses and customers of the routing benchmarks are, and how many people live there.

Source: the small network is that of Ma 2023 (Order-optimal correlated rounding, arXiv 2207.04774), facts re-typed; of
the large one the ten warehouses are his, the 99 cities are large urban areas with rounded numbers of people, located
by the hub's own atlas.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.canonical.geo import Point
from hub.store.geodata import locate


@dataclass(frozen=True, slots=True)
class City:
    """Customers; `people` only weighs cities against each other."""

    name: str
    point: Point
    people: int


WAREHOUSES = {
    "OAK4": Point(37.7448, -121.3985),
    "IND1": Point(39.9797, -86.3833),
    "AVP3": Point(41.2776, -75.4973),
    "CAE1": Point(33.9114, -81.0501),
    "DFW7": Point(32.9709, -97.3348),
}
MORE_WAREHOUSES = {
    "ONT6": Point(33.873, -117.2361),
    "PHX6": Point(33.433, -112.1644),
    "BNA2": Point(36.1202, -86.4096),
    "SAT1": Point(29.6021, -98.289),
    "RIC2": Point(37.3521, -77.3269),
}

CITIES = (
    City("New York", Point(40.6943, -73.9249), 18_680_025),
    City("Los Angeles", Point(34.1141, -118.4068), 12_531_334),
    City("Chicago", Point(41.8375, -87.6866), 8_586_888),
    City("Miami", Point(25.784, -80.2101), 6_076_316),
    City("Dallas", Point(32.7935, -96.7667), 5_910_669),
    City("Houston", Point(29.786, -95.3885), 5_724_418),
    City("Philadelphia", Point(40.0077, -75.1339), 5_540_199),
    City("Atlanta", Point(33.7628, -84.422), 5_151_496),
    City("Washington", Point(38.9047, -77.0163), 5_066_973),
    City("Boston", Point(42.3188, -71.0852), 4_465_966),
)

_MORE_CITIES = """
    Phoenix AZ 42, Detroit MI 37, San Francisco CA 36, Seattle WA 35, San Diego CA 32, Minneapolis MN 29, Tampa FL 28,
    Brooklyn NY 27, Denver CO 27, Queens NY 24, Baltimore MD 23, Las Vegas NV 22, Riverside CA 21, Portland OR 21,
    San Antonio TX 20, Sacramento CA 19, San Jose CA 18, Orlando FL 18, Manhattan NY 17, Cleveland OH 17,
    Pittsburgh PA 17, Austin TX 17, Cincinnati OH 17, Indianapolis IN 16, Kansas City MO 16, Columbus OH 15,
    Charlotte NC 15, Virginia Beach VA 15, Milwaukee WI 14, Providence RI 12, Jacksonville FL 12, Salt Lake City UT 11,
    Nashville TN 11, Raleigh NC 11, Memphis TN 11, Richmond VA 10, Louisville KY 10, New Orleans LA 10, Bridgeport CT 9,
    Oklahoma City OK 9, Buffalo NY 9, Hartford CT 9, Fort Worth TX 9, Tucson AZ 9, McAllen TX 8, El Paso TX 8,
    Omaha NE 8, Albuquerque NM 8, Birmingham AL 8, Sarasota FL 7, Dayton OH 7, Rochester NY 7, Fresno CA 7, Tulsa OK 7,
    Allentown PA 7, Concord CA 7, Cape Coral FL 6, Charleston SC 6, Colorado Springs CO 6, Springfield MA 6,
    Grand Rapids MI 6, Ogden UT 6, Columbia SC 6, Baton Rouge LA 6, Knoxville TN 6, Albany NY 6, Akron OH 6,
    New Haven CT 6, Provo UT 6, Bakersfield CA 6, Des Moines IA 5, Worcester MA 5, Mesa AZ 5, Toledo OH 5, Wichita KS 5,
    Harrisburg PA 5, Long Beach CA 5, Little Rock AR 4, Madison WI 4, Greenville SC 4, Reno NV 4, Boise ID 4,
    Spokane WA 4, Stockton CA 4, Syracuse NY 4, Chattanooga TN 4, Lancaster PA 4, Augusta GA 4, Honolulu HI 8
"""
"""Name, state, hundreds of thousands of people."""


def all_cities() -> tuple[City, ...]:
    """The 99 cities of the large network, the ten large ones first."""
    return CITIES + tuple(_read(entry.split()) for entry in _MORE_CITIES.split(","))


def _read(words: list[str]) -> City:
    name, state, people = " ".join(words[:-2]), words[-2], int(words[-1])
    found = locate("US", None, name, state)
    if found is None or found.precision != "city":
        raise LookupError(f"the atlas does not know {name}, {state}")
    return City(f"{name} {state}", found.point, people * 100_000)
