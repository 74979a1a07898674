"""`python3 run.py chaos`: the kill test in its long form: cold starts, every point five times, live on screen."""

from __future__ import annotations

import subprocess
import sys

TESTS = ("tests/kill", "tests/chaos")


def main(arguments: list[str]) -> int:
    """Run the tests with `--full`; further arguments go to pytest (`-k sqlite`). Returns its exit code."""
    options = ["-v", "-s", "-p", "no:randomly", "-p", "no:xdist", "--full"]
    return subprocess.run([sys.executable, "-m", "pytest", *options, *TESTS, *arguments]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
