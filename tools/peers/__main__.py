"""Starts a real shop server and says how to reach it, until Ctrl-C or a kill; then its data is gone."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys

from tools.peers import NoPeer, names, running


def main(arguments: list[str]) -> int:
    """Give the exit code."""
    parser = argparse.ArgumentParser(prog="run.py peers", description=__doc__)
    parser.add_argument("name", choices=names())
    chosen = parser.parse_args(arguments)
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    print("Fetching its packages the first time takes some minutes ...", file=sys.stderr, flush=True)
    try:
        with contextlib.suppress(KeyboardInterrupt), running(chosen.name) as peer:
            told = {"address": peer.address, "user": peer.user, "password": peer.password, "pid": peer.process_id}
            print(json.dumps(told), flush=True)
            os.waitid(os.P_PID, peer.process_id, os.WEXITED | os.WNOWAIT)
    except NoPeer as problem:
        print(f"No {chosen.name}: {problem}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
