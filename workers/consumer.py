"""Celery's consumer without the step for delayed messages: no doorbell has an ETA, and that step makes 28 queues."""

from __future__ import annotations

from celery.worker import consumer


class Consumer(consumer.Consumer):
    """Consumes as Celery's own does, and declares only our queues."""

    class Blueprint(consumer.Consumer.Blueprint):  # type: ignore[misc, valid-type]
        """The steps of a worker's start."""

        default_steps = [step for step in consumer.Consumer.Blueprint.default_steps if "DelayedDelivery" not in step]
