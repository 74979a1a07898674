"""Writes the first migration anew from the declared tables: until the first release it is the only one.

Run it after every change of `hub/store/tables/`: `.venv/bin/python -m tools.build_migration`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from hub.store.database import Database
from hub.store.migrate import FOLDER

FILE = FOLDER / "versions" / "0001_initial.py"


def generate(folder: Path) -> None:
    """Let Alembic compare the declared tables with an empty database."""
    db = Database(f"sqlite:///{folder}/empty.sqlite3")
    config = Config(stdout=sys.stderr)
    config.set_main_option("script_location", str(FOLDER))
    with db.write() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message="initial", autogenerate=True, rev_id="0001")
    db.close()


def main() -> None:
    """Replace the migration; the old one stays where the new one cannot be made."""
    before = FILE.read_text()
    FILE.unlink()
    try:
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder))
        FILE.write_text(FILE.read_text().replace('"""initial"""', '"""All tables as of the first release."""'))
        subprocess.run(
            [Path(sys.executable).parent / "ruff", "format", "-q", "--isolated", "--line-length=120", FILE], check=True
        )
    except BaseException:
        FILE.write_text(before)
        raise


if __name__ == "__main__":
    main()
