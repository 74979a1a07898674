"""Puts a connector's package where Python finds it, as an editable install does, without touching this environment."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

BIN = Path(sys.executable).parent
BUILD = "import sys; from hatchling.build import build_{kind} as build; print(build(sys.argv[1]))"


def built(project: Path, folder: Path, kind: str) -> Path:
    """The "wheel" or "editable" of a project, made by its own build tool."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", BUILD.format(kind=kind), str(folder)]
    made = subprocess.run(command, cwd=project, check=True, capture_output=True, text=True)
    return folder / made.stdout.split()[-1]


@dataclass
class Place:
    """A folder to work in, with packages of its own; `env` is what commands there get."""

    folder: Path
    installed: list[Path] = field(default_factory=list)

    @property
    def env(self) -> Mapping[str, str]:
        """Nothing of ours is passed on but the paths."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("STOCKLINE_", "PYTEST_"))}
        return clean | {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(map(str, self.installed)),
            "STOCKLINE_DATA_DIR": str(self.folder / "data"),
            "COLUMNS": "160",
        }  # fmt: skip

    def install(self, project: Path) -> None:
        """Its metadata from the editable wheel; its code from the folder itself."""
        site = self.folder / "site"
        with zipfile.ZipFile(built(project, self.folder / "wheels", "editable")) as wheel:
            wheel.extractall(site)
        self.installed += [site, project]

    def sh(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run lines of a shell; the first that fails ends them."""
        command = ["bash", "-e", "-c", script]
        return subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False)
