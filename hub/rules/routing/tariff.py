"""What a parcel from one place to one address costs: the services on offer, by weight, pieces and lateness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.rules.routing.policies import Estimate
from hub.rules.routing.snapshot import Rate

ENDLESS = 10**12
"""Grams: no parcel is heavier."""


@dataclass(frozen=True, slots=True)
class Service:
    """One way to send a parcel. steps: (up to grams, price, price per piece). late: the penalty for arriving too late.

    Money in micros, already weighted.
    """

    steps: tuple[tuple[int, int, int], ...]
    late: int = 0

    def price(self, weight_g: int, units: int) -> int:
        """Of one parcel; what is heavier than the last step travels as several parcels of it."""
        for up_to, price, each in self.steps:
            if weight_g <= up_to:
                return price + each * units
        up_to, price, each = self.steps[-1]
        return price * -(-weight_g // up_to) + each * units


@dataclass(frozen=True, slots=True)
class Tariff:
    """The cheapest of all services from one place to one address, lateness included.

    light:         up to so many grams a parcel costs base + each * pieces; -1 where that is never so.
    floor, floor_each: no parcel costs less than floor + floor_each * pieces.
    per_kg:        comes on top, for each kilogram of each piece.
    """

    base: int
    each: int
    per_kg: int
    light: int
    floor: int
    floor_each: int
    services: tuple[Service, ...] = ()

    def parcel(self, weight_g: int, units: int) -> tuple[int, int]:
        """(shipping, lateness) of a parcel, without `per_kg`."""
        if not self.services:
            return self.base + self.each * units, 0
        prices = [(service.price(weight_g, units), service.late) for service in self.services]
        return min(prices, key=lambda price: (sum(price), price))


def of_services(services: tuple[Service, ...]) -> Tariff:
    """Several services: exact while each piece adds the same to all of them and the first step holds."""
    firsts = [(service.steps[0], service.late) for service in services]
    steps = [(step, service.late) for service in services for step in service.steps]
    same = len({each for (_, _, each), _ in firsts}) == 1
    return Tariff(
        base=min(price + late for (_, price, _), late in firsts),
        each=min(each for (_, _, each), _ in firsts),
        per_kg=0,
        light=min(up_to for (up_to, _, _), _ in firsts) if same else -1,
        floor=min(price + late for (_, price, _), late in steps),
        floor_each=min(each for (_, _, each), _ in steps),
        services=services,
    )


def service_of(rate: Rate, shipping: int, late: int) -> Service:
    """A rate as a service. shipping: its weight in permille. late: weighted micros."""
    steps = ((up_to, price * shipping // 1000, each * shipping // 1000) for up_to, price, each in rate.steps)
    return Service(tuple(steps), late)


def estimated(estimate: Estimate, hm: int, shipping: int, late: int) -> Tariff:
    """Where no rate is known. hm: distance in hectometers."""
    base = (estimate.base + estimate.per_km * hm // 10) * shipping // 1000
    each = (estimate.per_unit + estimate.per_unit_km * hm // 10) * shipping // 1000
    per_kg = estimate.per_kg * shipping // 1000
    services = (Service(((ENDLESS, base, each),), late),) if late else ()
    return Tariff(base + late, each, per_kg, ENDLESS, base + late, each, services)


def by_lane(rates: Sequence[Rate]) -> dict[tuple[str, str], list[Rate]]:
    """(warehouse, zone) -> its rates."""
    lanes: dict[tuple[str, str], list[Rate]] = {}
    for rate in rates:
        lanes.setdefault((rate.warehouse, rate.zone), []).append(rate)
    return lanes
