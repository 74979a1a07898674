"""`stockline up`, `web`, `worker`, `scheduler`: the processes. Only the first two import the web server."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack

import click
import structlog
from prometheus_client import start_http_server

from hub import __version__
from hub.canonical.errors import BadInput, Misconfigured
from hub.cli.doctor import scheduler_owner
from hub.cli.shared import opened, with_settings
from hub.settings import Settings
from hub.usecases.login_links import first_admin_link
from hub.wiring import Hub
from workers import crash
from workers.app import Workshop
from workers.embedded import Embedded
from workers.process import run_worker
from workers.scheduler import Scheduler
from workers.tasks.works import WORKS
from workers.work import Lane

log = structlog.get_logger(__name__)

host_option = click.option("--host", help="Overrides STOCKLINE_HOST.")
port_option = click.option("--port", type=click.IntRange(0, 65535), help="Overrides STOCKLINE_PORT; 0: a free one.")
metrics_option = click.option("--metrics-port", type=click.IntRange(1, 65535), help="Serve this process's metrics.")


@click.command()
@host_option
@port_option
@with_settings
def up(settings: Settings, host: str | None, port: int | None) -> None:
    """Run everything in one process: web server, worker and schedule. Needs no set-up."""
    serve_all(_at(settings, host, port), _banner)


def serve_all(settings: Settings, ready: Callable[[Hub], None], *, demo: bool = False) -> None:
    """Web server, worker and schedule in this process, until SIGINT or SIGTERM; `ready` is called once it answers."""
    from hub.cli.web_server import serve_web

    with ExitStack() as stack:
        listener, settings = bind(settings)
        stack.callback(listener.close)
        crash.arm(settings.crash_at)
        hub = stack.enter_context(opened(settings))
        neighbor = scheduler_owner(hub)
        if neighbor:
            click.echo(f"Another process ({neighbor}) works on this data too, or ended a moment ago.", err=True)
        embedded = Embedded(hub, WORKS)
        embedded.start()
        stack.callback(embedded.stop)
        serve_web(hub, listener, lambda: ready(hub), demo=demo)


@click.command()
@host_option
@port_option
@with_settings
def web(settings: Settings, host: str | None, port: int | None) -> None:
    """Run the web server: dashboard, API, webhooks. Workers and a scheduler run elsewhere."""
    from hub.cli.web_server import serve_web

    with ExitStack() as stack:
        listener, settings = bind(_at(settings, host, port))
        stack.callback(listener.close)
        crash.arm(settings.crash_at)
        hub = stack.enter_context(opened(settings))
        if not settings.embedded:
            stack.callback(Workshop(hub, WORKS).close)
        serve_web(hub, listener, lambda: log.info("web.ready", address=settings.address))


@click.command()
@click.option("--threads", type=click.IntRange(1, 256), help="Overrides STOCKLINE_THREADS.")
@click.option("--lanes", default="", metavar="LANE,…", help=f"Serve only these: {', '.join(Lane)}.")
@metrics_option
@with_settings
def worker(settings: Settings, threads: int | None, lanes: str, metrics_port: int | None) -> None:
    """Run a worker on the broker's queues; any number of them, on any number of machines."""
    _needs_broker(settings, "worker")
    chosen = tuple(filter(None, lanes.split(",")))
    if set(chosen) - set(Lane):
        raise BadInput(f"--lanes {lanes!r}: there are {', '.join(Lane)}")
    crash.arm(settings.crash_at)
    with opened(settings.model_copy(update={"threads": threads or settings.threads})) as hub:
        _serve_metrics(metrics_port)
        raise SystemExit(run_worker(hub, WORKS, chosen))


@click.command()
@metrics_option
@with_settings
def scheduler(settings: Settings, metrics_port: int | None) -> None:
    """Run a scheduler; of several, one leads and the others wait for it to die."""
    _needs_broker(settings, "scheduler")
    crash.arm(settings.crash_at)
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_facts: over.set())
    with opened(settings) as hub, ExitStack() as stack:
        _serve_metrics(metrics_port)
        stack.callback(Workshop(hub, WORKS).close)
        clock = Scheduler(hub)
        clock.start()
        stack.callback(clock.stop)
        log.info("scheduler.ready", scheduler=hub.name)
        over.wait()


def _at(settings: Settings, host: str | None, port: int | None) -> Settings:
    given = {"host": host, "port": port}
    return settings.model_copy(update={name: value for name, value in given.items() if value is not None})


def _needs_broker(settings: Settings, command: str) -> None:
    if settings.embedded:
        raise Misconfigured(
            f"stockline {command} needs a broker: set STOCKLINE_BROKER_URL or --broker-url (amqp://… or redis://…); "
            "for everything in one process run: stockline up"
        )


def _serve_metrics(port: int | None) -> None:
    if port:
        start_http_server(port, addr="0.0.0.0")


def bind(settings: Settings) -> tuple[socket.socket, Settings]:
    """Listen, and the settings with the port that we really have. Raises: Misconfigured: the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        where = f"{settings.host}:{settings.port}"
        other = "choose another port: --port 0" if error.errno == errno.EADDRINUSE else "see --host and --port"
        raise Misconfigured(f"cannot listen on {where} ({error.strerror}); {other}") from None
    return listener, settings.with_port(listener.getsockname()[1])


def _banner(hub: Hub) -> None:
    settings = hub.settings
    click.echo(f"Stockline {__version__}  ·  data in {settings.place}")
    click.echo(f"Ready: {settings.address}  (^C to quit)")
    token = first_admin_link(hub.context())
    if token:
        click.echo(f"First sign-in (once, within an hour): {settings.address}/link/{token}")
    click.echo("Next: stockline connectors  ·  stockline connection add --help  ·  stockline doctor")
