"""The Celery app of one process: queues by lane, tasks named like the doorbells, the settings that lose nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from celery import Celery, signals
from kombu import Exchange, Queue

from hub.settings import Settings
from hub.wiring import Hub
from workers.bell import CeleryDoorbell
from workers.tasks._run import Runs
from workers.work import Lane, Work, Works

QUEUE_ARGUMENTS = {"x-queue-type": "quorum", "x-max-length": 10_000, "x-message-ttl": 60_000}
"""RabbitMQ: replicated queues; doorbells that nobody answered for a minute go, the poll rings again."""

SETTINGS: Mapping[str, Any] = {
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_ignore_result": True,
    "result_backend": None,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_create_missing_queues": False,
    "task_publish_retry": False,
    "worker_consumer": "workers.consumer:Consumer",
    "worker_prefetch_multiplier": 1,
    "worker_soft_shutdown_timeout": 30.0,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_connection_timeout": 4.0,
    "broker_heartbeat": 20,
    "enable_utc": True,
}


class Workshop:
    """One process's Celery app with its tasks and doorbell, wired to a hub (whose doorbell it becomes)."""

    def __init__(self, hub: Hub, works: Works) -> None:
        self.hub = hub
        self.works = works
        self.app, self._queues = _app(hub.settings)
        self.bell = CeleryDoorbell(self._send)
        hub.doorbell = self.bell
        settings = hub.settings
        self.runs = Runs(hub.context, self.bell.ring, threads=settings.threads, slice_s=settings.slice_s)
        for work in works.values():
            self.app.task(name=work.name, shared=False)(self._task(work))
        self.app.finalize()

    def _task(self, work: Work) -> Callable[..., None]:
        def task(connection_id: int | None = None) -> None:
            self.runs.run(work, connection_id)

        task.__doc__ = f"Do the work {work.name}. Queue: {work.lane}. Safe twice: the rows are claimed in the database."
        return task

    def _send(self, work: str, connection_id: int | None) -> None:
        """Publish one doorbell; returns once the broker has it."""
        queue = self._queues[self.works[work].lane]
        self.app.send_task(work, args=[connection_id], queue=queue.name, ignore_result=True)

    def queue_names(self, lanes: tuple[str, ...] = ()) -> list[str]:
        """The names of these lanes' queues (all without any)."""
        return [queue.name for lane, queue in self._queues.items() if not lanes or lane in lanes]

    def close(self) -> None:
        """Send the last rings and close the connections to the broker."""
        self.runs.stopping.set()
        self.bell.close()
        self.app.close()


def _app(settings: Settings) -> tuple[Celery, dict[Lane, Queue]]:
    prefix = settings.queue_prefix + (f"{uuid.uuid4().hex[:8]}." if settings.embedded else "")
    queues = {lane: _queue(f"{prefix}{lane}", settings) for lane in Lane}
    app = Celery("stockline", broker=settings.broker_url or "memory://localhost//", set_as_current=False, fixups=[])
    app.conf.update(SETTINGS)
    app.conf.update(
        task_queues=list(queues.values()),
        task_default_queue=f"{prefix}{Lane.SLOW}",
        broker_transport_options=_transport(settings.broker_url),
    )
    return app, queues


def _queue(name: str, settings: Settings) -> Queue:
    arguments = QUEUE_ARGUMENTS if settings.broker_url.startswith(("amqp", "pyamqp")) else None
    return Queue(name, Exchange(""), routing_key=name, durable=True, queue_arguments=arguments)


def _transport(broker_url: str) -> dict[str, Any]:
    if broker_url.startswith(("amqp", "pyamqp")):
        return {"confirm_publish": True}
    return {"visibility_timeout": 300} if broker_url.startswith("redis") else {"polling_interval": 0.02}


@signals.setup_logging.connect
def _keep_our_logs(**_facts: object) -> None:
    """Celery sets up no logging where somebody listens to this signal: ours stays."""
