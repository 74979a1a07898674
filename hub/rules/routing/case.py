"""One order before one strategy: what the places can give it, what that costs and how sets of places compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from operator import le

from hub.canonical.lazy import lazy
from hub.rules.routing.bill import Bill
from hub.rules.routing.decision import Parts
from hub.rules.routing.fill import Cheapest, Deal, Fill, Gives, Ranked, Row
from hub.rules.routing.policies import Criterion
from hub.rules.routing.ranking import SUMS, Measure, Places, Ranking, values_of
from hub.rules.routing.search import Score
from hub.rules.routing.tangle import Prices, Tangled
from hub.rules.routing.way import View, Way, ranking_of
from hub.rules.routing.words import Demand, Piece


class Case:
    """The question that `search` asks; see `search.Question`. Nothing is computed before it is needed."""

    def __init__(self, way: Way, demand: Demand, pieces: Sequence[Piece]) -> None:
        self.way, self.demand, self.pieces = way, demand, pieces
        self.wants: dict[str, int] = {}
        for piece in pieces:
            if piece.quantity > 0:
                self.wants[piece.sku] = self.wants.get(piece.sku, 0) + piece.quantity
        self.wanted = sum(self.wants.values())
        self.view: View = way.view(demand)
        filters = way.strategy.filters
        self.rows = [way.stock.promised(sku, filters.min_confidence, filters.min_left)[:] for sku in self.wants]
        self.fewest = way.fewest_first
        self._deals: dict[Places, Deal] = {}
        self._costs: dict[Places, int] = {}

    @lazy
    def tangled(self) -> bool:
        """True when lots or groups tie the pieces."""
        together = self.way.strategy.split.keep_together
        return any(self.way.stock.has_lots(sku) for sku in self.wants) or any(
            piece.quantity > 0 and (piece.lots or (together and piece.group)) for piece in self.pieces
        )

    @lazy
    def _simple(self) -> Gives:
        """Place index -> pieces per SKU, at most the need."""
        found = {}
        rows = list(zip(self.rows, self.wants.values(), strict=True))
        for at in self.view.address.open:
            gifts = tuple([need if row[at] > need else row[at] for row, need in rows])
            if any(gifts):
                found[at] = gifts
        return found

    @lazy
    def fill(self) -> Fill:
        if self.tangled:
            return self._tangled()
        if self.way.by_cost:
            return Cheapest(self.pieces, self.wants, self._whole(self._simple), self.bill)
        return Ranked(self.pieces, self.wants, self._whole(self._simple), self.ranking.rank)

    def _tangled(self) -> Tangled:
        unit = self.bill.unit if self.way.by_cost else None
        total = (lambda loads: self.bill.total(loads, self.way.split_cost)) if self.way.by_cost else None
        places = tuple(self._simple)
        fill = Tangled(
            self.pieces, self.wants, self.way.stock, self.rows, places, self.way.strategy.split.keep_together,
            self._ranked, Prices(unit, self._relief, total),
        )  # fmt: skip
        fill.gives = self._whole(fill.gives)
        return fill

    def _whole(self, gives: Gives) -> Gives:
        """Only places with everything, where the strategy asks no others."""
        if not self.way.strategy.filters.all_available:
            return gives
        return {at: gifts for at, gifts in gives.items() if sum(gifts) == self.wanted}

    def _ranked(self, chosen: Places) -> Sequence[int]:
        """Places in the order in which they are asked; by code where the cost decides, as it asks the fill."""
        return chosen if self.way.by_cost else sorted(chosen, key=lambda at: self.ranking.rank((at,)))

    def _relief(self, day: str | None) -> int:
        """Micros by which a piece is cheaper because its lot ages; in proportion within the days it counts in."""
        objective, today = self.way.strategy.objective, self.view.address.today
        scale = objective.ageing * objective.weight("ageing") // 1000
        if not scale or not self.way.by_cost or day is None or today is None:
            return 0
        left = (date.fromisoformat(day) - today).days
        return scale * min(objective.ageing_days, max(0, objective.ageing_days - left)) // objective.ageing_days

    @lazy
    def ranking(self) -> Ranking:
        if self.way.fixed:
            return self.view.ranking
        more: dict[str, Measure] = {"cost": self._cost_measure, "availability": self._availability}
        return ranking_of(self.way, self.view.address, self.wants, more)

    def _band(self, name: str) -> int:
        return next((row.band for row in self.way.criteria if row.by == name), 0) or 1

    def _cost_measure(self, chosen: Places) -> int:
        return self.cost(chosen) // self._band("cost")

    def _availability(self, chosen: Places) -> int:
        """Percent of the pieces that lie there, whatever their lots and groups."""
        rows = zip(self.rows, self.wants.values(), strict=True)
        there = sum([min(need, sum([row[at] for at in chosen])) for row, need in rows])
        return -(100 * there // self.wanted // self._band("availability"))

    @lazy
    def bill(self) -> Bill:
        weight = {piece.sku: piece.weight_g for piece in reversed(self.pieces)}
        weights = [weight[sku] for sku in self.wants]
        return Bill(self.view.lane, [self.way.shelf(sku) for sku in self.wants], weights, tuple(self.wants.values()))

    @lazy
    def gives(self) -> Gives:
        return self.fill.gives

    @lazy
    def needs(self) -> tuple[int, ...]:
        """Pieces per SKU, at most what all places give together."""
        totals = [sum(column) for column in zip(*self.gives.values(), strict=True)]
        return tuple(min(need, total) for need, total in zip(self.wants.values(), totals, strict=True))

    @lazy
    def target(self) -> int:
        return sum(self.needs)

    @lazy
    def limit(self) -> int:
        return self.way.limit(self.demand, len(self.gives))

    @lazy
    def exact_cover(self) -> bool:
        return self.fill.loose and not self.way.priced and not self.way.strategy.split.min_part_value

    def covers(self, chosen: Places) -> int:
        if chosen in self._costs:
            return self.wanted
        return self.deal(chosen).pieces if self.way.priced else self.fill.covers(chosen)

    def deal(self, chosen: Places) -> Deal:
        """Which of the places gives what; where the cost decides, with the cost."""
        found = self._deals.get(chosen)
        if found is None:
            found = self._costed(chosen) if self.way.by_cost else self.fill.deal(chosen)
            self._deals[chosen] = found
        return found

    def _costed(self, chosen: Places) -> Deal:
        whole = self._with_cost(self.fill.deal(chosen))
        if self.way.dearest is None:
            return whole
        less = self._with_cost(self.fill.deal(chosen, self.way.dearest))
        return less if less.cost < whole.cost else whole

    def _with_cost(self, deal: Deal) -> Deal:
        cost = self.bill.total(deal.loads, self.way.split_cost) - deal.relief
        return replace(deal, cost=cost + self.left_out(self.wanted - deal.pieces))

    def cost(self, chosen: Places) -> int:
        """Micros."""
        known = self._costs.get(chosen)
        if known is not None:
            return known
        fill = self.fill
        if isinstance(fill, Cheapest) and self.way.dearest is None and not self.bill.stepped:
            return fill.price(chosen) + self.way.split_cost * (len(chosen) - 1)
        return self.deal(chosen).cost

    def settle(self, chosen: Places, rows: Sequence[Row]) -> None:
        """Deal a set of places in another way than the strategy's own."""
        columns = {sku: column for column, sku in enumerate(self.wants)}
        loads: dict[int, list[int]] = {}
        for row in rows:
            loads.setdefault(row.at, [0] * len(columns))[columns[self.pieces[row.piece].sku]] += row.quantity
        deal = Deal(dict(sorted(loads.items())), tuple(rows))
        self._deals[chosen] = self._with_cost(deal) if self.way.by_cost else deal

    def full_costs(self) -> list[tuple[int, int]]:
        """(micros, place) of the places that have everything, cheapest first; of orders whose pieces are independent.

        () where leaving pieces out may be cheaper than such a place.
        """
        bill = self.bill
        rows = list(zip(self.rows, bill.unit, self.wants.values(), strict=True))
        found = []
        for at in self.view.address.open:
            cost = bill.fixed[at]
            for row, unit, need in rows:
                if row[at] < need:
                    break
                cost += need * unit[at]
            else:
                if self._too_dear(at):
                    return []
                found.append((cost, at))
        if bill.stepped:
            load = tuple(self.wants.values())
            found = [(bill.total({at: load}, 0), at) for _, at in found]
        found.sort()
        self._costs = {(at,): cost for cost, at in found}
        return found

    def _too_dear(self, at: int) -> bool:
        dearest = self.way.dearest
        return dearest is not None and any(unit[at] > dearest for unit in self.bill.unit)

    def least_otherwise(self) -> int:
        """Nothing but one full parcel costs less: two parcels, or leaving pieces out."""
        bill, dearest = self.bill, self.way.dearest
        least = [min([unit[at] for at in bill.lane.open]) for unit in bill.unit]
        if dearest is None:
            return (
                bill.lane.two
                + self.way.split_cost
                + sum([price * need for price, need in zip(least, self.wants.values(), strict=True)])
            )
        least = [min(price, dearest) for price in least]
        pieces = sum([price * need for price, need in zip(least, self.wants.values(), strict=True)])
        one_short = pieces + dearest - max(least) + self.way.strategy.leftover.unfilled_order
        return min(bill.lane.two + self.way.split_cost + pieces, one_short)

    def left_out(self, missing: int) -> int:
        """Micros for pieces that are not given, where the strategy names a price."""
        leftover = self.way.strategy.leftover
        return leftover.unfilled_order + (leftover.unfilled_piece or 0) * missing if missing and self.way.priced else 0

    def counted(self, chosen: Places) -> int:
        return 0 if self.way.priced else self.fill.covers(chosen)

    def score(self, chosen: Places) -> Score | None:
        if self.way.strategy.split.min_part_value and not self.worth_it(chosen):
            return None
        return -self.counted(chosen), self.ranking.rank(chosen)

    def worth_it(self, chosen: Places) -> bool:
        """Each parcel of a split order, and the rest that stays open, has the value a part must have."""
        least, deal = self.way.strategy.split.min_part_value, self.deal(chosen)
        complete = deal.pieces == self.wanted
        if complete and len(deal.loads) == 1:
            return True
        values = {piece.sku: piece.value for piece in reversed(self.pieces)}
        parts = [list(load) for load in deal.loads.values()]
        if not complete and self.way.strategy.leftover.takes_parts:
            parts.append([n - sum(column) for n, *column in zip(self.wants.values(), *parts, strict=True)])
        return all(sum(n * values[sku] for n, sku in zip(part, self.wants, strict=True)) >= least for part in parts)

    def counts(self, chosen: Places) -> bool:
        if len(chosen) == 1:
            return True
        if self.way.by_cost:
            return len(self.deal(chosen).loads) == len(chosen)
        whole = self.covers(chosen)
        return all(self.covers(chosen[:at] + chosen[at + 1 :]) < whole for at in range(len(chosen)))

    def proven(self, best: Score, size: int) -> bool:
        """Only the plain sum of money has a bound: the cheapest parcels and the cheapest pieces."""
        if self.way.names != ("cost",) or self._band("cost") > 1:
            return False
        if not self.way.priced and -best[0] < self.target:
            return False
        return best[1][0][0] <= self.bound(size)

    def bound(self, size: int) -> int:
        """No deal with this many parcels or more costs less, in micros."""
        fixed = sorted(self.bill.fixed[at] for at in self.gives)
        parcels = sum(fixed[:size]) + sum(price for price in fixed[size:] if price < 0)
        return parcels + (size - 1) * self.way.split_cost + self._least_pieces

    @lazy
    def _least_pieces(self) -> int:
        dearest, total = self.way.dearest, 0
        for need, row in zip(self.needs if not self.way.priced else self.wants.values(), self.bill.unit, strict=True):
            least = min(row[at] for at in self.gives)
            total += need * (least if dearest is None else min(least, dearest))
        return total - self._most_relief

    @lazy
    def _most_relief(self) -> int:
        objective = self.way.strategy.objective
        return 0 if self.fill.loose else self.wanted * (objective.ageing * objective.weight("ageing") // 1000)

    def dominators(self) -> dict[int, int]:
        """Place -> how many others give at least as much of every SKU and rank before it in every set.

        A set that holds a place but not one that dominates it is beaten by the swap; with more dominators than the set
        has places, two such swaps are always possible: the place is in none of the two best sets of that size.
        """
        if not self._comparable():
            return {}
        sums = [row for row in self.way.criteria if row.by in SUMS]
        worst = [row for row in self.way.criteria if row.by not in SUMS]
        added = self._looked_at(sums)
        loose = self._looked_at(worst)
        rows = [(at, (*(-gift for gift in gifts), *added[at], *loose[at])) for at, gifts in self.gives.items()]
        return {
            at: sum(
                all(map(le, theirs, mine)) and (added[other] != added[at] or other < at)
                for other, theirs in rows
                if other != at
            )
            for at, mine in rows
        }

    def _comparable(self) -> bool:
        return self.exact_cover and not (self.way.by_cost and self.bill.stepped)

    def _looked_at(self, criteria: Sequence[Criterion]) -> Mapping[int, tuple[int, ...]]:
        """Per place, what these criteria look at; of the cost all prices that it is made of."""
        known = (values_of(row, self.view.address, self.wants) for row in criteria)
        columns = [values for values in known if values is not None]
        if any(row.by == "cost" for row in criteria):
            columns += [list(self.bill.fixed), *self.bill.unit]
        return {at: tuple([column[at] for column in columns]) for at in self.gives}

    def parts(self, chosen: Places) -> Parts:
        """Of what the cost of a deal is made; adds up to its cost."""
        deal = self.deal(chosen)
        parts = self.bill.shipping(deal.loads)
        parts["split"] = self.way.split_cost * (len(deal.loads) - 1)
        parts["ageing"] = -deal.relief
        for column, sku in enumerate(self.wants):
            prices = self.way.prices
            rows = {"handling": prices.per_unit, "scarcity": prices.bid(sku), "stockout": prices.stockout(sku)}
            for name, row in rows.items():
                parts[name] += sum(load[column] * row[at] for at, load in deal.loads.items())
        parts["unfilled"] = self.left_out(self.wanted - deal.pieces)
        return tuple((name, micros) for name, micros in parts.items() if micros)
