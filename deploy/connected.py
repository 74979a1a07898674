"""Health of a container without a web server: is it connected to each of these ports? `connected.py 5432 5672`.

Linux only. A worker that lost its broker, or a scheduler that lost its database, is then shown as unhealthy.
"""

import sys
from pathlib import Path

ESTABLISHED = "01"


def connected_ports(tables: list[str]) -> set[int]:
    """Remote ports of the open connections in tables of the form of `/proc/net/tcp`."""
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    return {int(row[2].rpartition(":")[2], 16) for row in rows if len(row) > 3 and row[3] == ESTABLISHED}


def main(wanted: list[str]) -> int:
    """Exit code: 0 when every wanted port has a connection, else 1 and the missing ones on stderr."""
    paths = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    missing = {int(port) for port in wanted} - connected_ports([path.read_text() for path in paths if path.exists()])
    if missing:
        print(f"not connected to port {', '.join(map(str, sorted(missing)))}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
