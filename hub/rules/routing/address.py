"""What one address means for each place under one strategy: who may serve it, how far away, at what price."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hub.rules.distance import distances_hm
from hub.rules.routing.policies import NO_FILTERS, Filters, Objective
from hub.rules.routing.snapshot import Rate
from hub.rules.routing.stock import Stock
from hub.rules.routing.tariff import Tariff, estimated, of_services, service_of
from hub.rules.routing.words import Demand, Place


class Address:
    """Where an order goes. Lists go by place index; `barred` says why a place may not serve, `open` which may.

    only_rates: the price of a parcel is known from carriers' rates alone: where others have one, a place without may
                not send, as it would look as if it sent for nothing.
    """

    def __init__(
        self,
        stock: Stock,
        filters: Filters,
        rates: dict[tuple[str, str], list[Rate]],
        demand: Demand,
        only_rates: bool = False,
    ) -> None:
        self.stock, self.filters, self.demand = stock, filters, demand
        self.today = stock.snapshot.as_of.date() if stock.snapshot.as_of else None
        zones = dict(demand.zones)
        self.hm = distances_hm(stock.points, demand.point)
        self.rates = [_rates(rates, place, zones) for place in stock.places] if rates else []
        self.only_rates = only_rates and any(self.rates)
        self.barred = {} if self._open_to_all() else self._bars()
        self.open = [at for at in range(len(self.hm)) if at not in self.barred]
        self.excluded = tuple((stock.codes[at], reason) for at, reason in self.barred.items())

    def rates_of(self, at: int) -> Sequence[Rate]:
        """The rates from this place to here."""
        return self.rates[at] if self.rates else ()

    def transit(self, at: int) -> int:
        """Days that the quickest service takes; 0 where none is known."""
        return min((rate.days for rate in self.rates_of(at)), default=0)

    def ready(self, place: Place) -> date | None:
        """The day on which it hands a parcel over; the day of the plan where it does not say."""
        return place.ships_on or self.today

    def days_late(self, place: Place, transit: int) -> int:
        """Days after the order's deadline; 0 where a day is not known."""
        ready, deadline = self.ready(place), self.demand.deliver_by
        if ready is None or deadline is None:
            return 0
        return max(0, (ready + timedelta(days=transit) - deadline).days)

    def tariff(self, at: int, objective: Objective) -> Tariff:
        """What a parcel from this place costs here, weighted."""
        place, shipping = self.stock.places[at], objective.weight("shipping")
        per_day = objective.late * objective.weight("lateness") // 1000
        if not self.rates_of(at):
            late = per_day * self.days_late(place, 0) if per_day else 0
            return estimated(objective.estimate, self.hm[at], shipping, late)
        return of_services(
            tuple(service_of(rate, shipping, per_day * self.days_late(place, rate.days)) for rate in self.rates_of(at))
        )

    def _open_to_all(self) -> bool:
        demand = self.demand
        free = not demand.excluded and demand.pinned is None and self.filters == NO_FILTERS
        return free and not self.only_rates and self.stock.open_to(demand.country)

    def _bars(self) -> dict[int, str]:
        reasons = ((at, self._bar(at, place)) for at, place in enumerate(self.stock.places))
        return {at: reason for at, reason in reasons if reason}

    def _bar(self, at: int, place: Place) -> str | None:
        return self._refuses(at, place) or self._mismatch(place) or self._too_late(at, place)

    def _refuses(self, at: int, place: Place) -> str | None:
        """What no strategy can change."""
        demand, capacity = self.demand, self.stock.capacity[at]
        if not place.active:
            return "inactive"
        if place.code in demand.excluded:
            return "excluded"
        if demand.pinned is not None and place.code != demand.pinned:
            return "not_pinned"
        if place.ships_to and demand.country is not None and demand.country not in place.ships_to:
            return "does_not_ship_to"
        return "no_capacity" if capacity is not None and capacity[0] < 1 else None

    def _mismatch(self, place: Place) -> str | None:
        """What the strategy asks of a place itself."""
        want = self.filters
        if (want.tags and place.tags.isdisjoint(want.tags)) or not place.tags.isdisjoint(want.not_tags):
            return "wrong_tag"
        if want.kinds and place.kind not in want.kinds:
            return "wrong_kind"
        if (want.places and place.code not in want.places) or place.code in want.not_places:
            return "wrong_place"
        return None

    def _too_late(self, at: int, place: Place) -> str | None:
        """What the strategy asks of the way from the place to here."""
        want = self.filters
        if want.max_km is not None and self.hm[at] > want.max_km * 10:
            return "too_far"
        if want.within_days is not None and self._days_to_ship(place) > want.within_days:
            return "ships_too_late"
        if self.only_rates and not self.rates[at]:
            return "no_rate"
        if want.in_time and self.days_late(place, self.transit(at)):
            return "arrives_too_late"
        return None

    def _days_to_ship(self, place: Place) -> int:
        """Days from the plan until it hands over; without end where a day is not known."""
        if place.ships_on is None or self.today is None:
            return 10**6
        return (place.ships_on - self.today).days


def _rates(rates: dict[tuple[str, str], list[Rate]], place: Place, zones: dict[str, str]) -> Sequence[Rate]:
    """The rates from a place into the address's zone; its own before those of all places."""
    zone = zones.get(place.code, zones.get(""))
    if zone is None:
        return ()
    return rates.get((place.code, zone), ()) or rates.get(("", zone), ())
