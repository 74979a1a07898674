"""Starts a real shop server and says how to reach it, until Ctrl-C or a kill; then its data is gone."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys

from tools.peers import NoPeer, names, running, stores
from tools.postgres import NoPostgres, server


def main(arguments: list[str]) -> int:
    """Give the exit code."""
    parser = argparse.ArgumentParser(prog="run.py peers", description=__doc__)
    parser.add_argument("name", choices=names())
    parser.add_argument(
        "--postgres", action="store_true", help="keep its data in PostgreSQL, where it could do without"
    )
    chosen = parser.parse_args(arguments)
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    print("Fetching its packages the first time takes some minutes ...", file=sys.stderr, flush=True)
    try:
        with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
            on_postgres = chosen.postgres or stores(chosen.name)[0] == "postgres"
            peer = stack.enter_context(running(chosen.name, stack.enter_context(server()) if on_postgres else None))
            print(json.dumps({"address": peer.address, **peer.login, **peer.made, "pid": peer.process_id}), flush=True)
            os.waitid(os.P_PID, peer.process_id, os.WEXITED | os.WNOWAIT)
    except (NoPeer, NoPostgres) as problem:
        print(f"No {chosen.name}: {problem}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
