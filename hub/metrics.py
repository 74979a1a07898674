"""What Prometheus reads: counters of this process, and counts taken from the tables when it asks."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

RUNS = Counter("stockline_work_runs", "Runs of a kind of work in this process.", ["work", "outcome"])
SECONDS = Histogram("stockline_work_seconds", "Seconds that one run took.", ["work"])
HANDLED = Counter("stockline_work_handled", "Records, orders, messages or lines that were handled.", ["work"])
ERRORS = Counter("stockline_work_errors", "Runs that ended with an error, by its kind.", ["work", "error"])
RINGS = Counter(
    "stockline_doorbell_rings", "Doorbell messages: sent, or failed because the broker was away.", ["result"]
)
LEADER = Gauge("stockline_scheduler_leader", "1 where this process holds the scheduler's lease.")
