"""Build hook: puts the front-end files into the wheel (they are not in the repository)."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndFiles(BuildHookInterface[Any]):
    """Fetches `hub/pages/static/vendor/` before a wheel is built; an editable install leaves it to `run.py`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raises: NotFetched when the files are missing and cannot be fetched; a wheel without them is no release."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from tools import assets

        if not assets.is_current(Path(self.root)):
            assets.fetch(Path(self.root))
        build_data["artifacts"].append("hub/pages/static/vendor/**")
