"""The health check of workers and schedulers sees real connections."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="reads the connection tables of Linux")
def test_a_lost_connection_makes_the_check_fail_and_names_the_port(repo_root: Path) -> None:
    def check(port: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(repo_root / "deploy/connected.py"), str(port)]
        return subprocess.run(command, capture_output=True, text=True, timeout=30)

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            assert (check(port).returncode, check(port).stderr) == (0, "")
    lost = check(port)
    assert (lost.returncode, lost.stderr) == (1, f"not connected to port {port}\n")
