"""The hub's kinds of work: one row each."""

from __future__ import annotations

from hub.usecases.accept_work import expire_acceptance
from hub.usecases.backfill_orders import backfill_orders
from hub.usecases.cancel_order import expire_requests
from hub.usecases.check_webhooks import check_webhooks
from hub.usecases.expire_holds import expire_holds
from hub.usecases.forget_buyers import forget_buyers
from hub.usecases.give_up_orders import give_up_orders
from hub.usecases.housekeeping import clean
from hub.usecases.ingest_inbox import ingest_inbox
from hub.usecases.join_refunds import join_refunds
from hub.usecases.place_orders import place_orders
from hub.usecases.propose_moves import refresh_proposals
from hub.usecases.pull_listings import pull_listings
from hub.usecases.pull_orders import pull_orders
from hub.usecases.pull_refunds import pull_refunds
from hub.usecases.push_stock import push_stock
from hub.usecases.reconcile_orders import reconcile_orders
from hub.usecases.reconcile_stock import reconcile_stock
from hub.usecases.refetch_orders import refetch_orders
from hub.usecases.refresh_bid_prices import refresh_bid_prices
from hub.usecases.refresh_offers import refresh_offers
from hub.usecases.refresh_paces import refresh_paces
from hub.usecases.send_outbox import send_outbox
from hub.usecases.simulate_rules import run_simulations
from hub.usecases.withdraw_lots import withdraw_lots
from workers.work import Lane, Work, by_name

WORKS = by_name(
    Work("inbox.ingest", Lane.INGEST, ingest_inbox, repeat=True),
    Work("orders.place", Lane.PLACE, place_orders, repeat=True),
    Work("orders.pull", Lane.PULL, pull_orders, outside=True),
    Work("orders.refetch", Lane.PULL, refetch_orders, outside=True, repeat=True),
    Work("refunds.pull", Lane.SLOW, pull_refunds, outside=True),
    Work("refunds.join", Lane.INGEST, join_refunds, repeat=True),
    Work("outbox.send", Lane.PUSH, send_outbox, outside=True, repeat=True),
    Work("stock.push", Lane.STOCK, push_stock, outside=True),
    Work("listings.pull", Lane.SLOW, pull_listings, outside=True),
    Work("orders.reconcile", Lane.SLOW, reconcile_orders, outside=True),
    Work("orders.backfill", Lane.SLOW, backfill_orders, outside=True),
    Work("stock.reconcile", Lane.SLOW, reconcile_stock, outside=True),
    Work("webhooks.check", Lane.SLOW, check_webhooks, outside=True),
    Work("acceptance.expire", Lane.PLACE, expire_acceptance, repeat=True),
    Work("cancels.expire", Lane.PLACE, expire_requests, repeat=True),
    Work("prices.refresh", Lane.SLOW, refresh_bid_prices),
    Work("orders.give_up", Lane.PLACE, give_up_orders, repeat=True),
    Work("rules.simulate", Lane.SLOW, run_simulations, repeat=True),
    Work("holds.expire", Lane.PLACE, expire_holds, repeat=True),
    Work("lots.withdraw", Lane.PLACE, withdraw_lots, repeat=True),
    Work("offers.refresh", Lane.SLOW, refresh_offers),
    Work("paces.refresh", Lane.SLOW, refresh_paces),
    Work("buyers.forget", Lane.SLOW, forget_buyers),
    Work("house.clean", Lane.SLOW, clean),
    Work("proposals.refresh", Lane.SLOW, refresh_proposals),
)
