"""Fetches the front-end files that the pages use: npm packages -> `hub/pages/static/vendor/`.

`package-lock.json` pins the packages by hash; `vendor_files.json` names the files that are copied. `vendor.json`,
written last, says what lies there (name, version, license, sha256 per file), and from which pins.

Standard library only.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools import node

ROOT = Path(__file__).resolve().parents[1]
PINS = ("package.json", "package-lock.json", "vendor_files.json")
ICONS = "@tabler/icons"


class NotFetched(Exception):
    """The files could not be fetched; the message says why in one sentence."""


def vendor_folder(root: Path) -> Path:
    """Where the copied files lie."""
    return root / "hub" / "pages" / "static" / "vendor"


def pins_digest(root: Path) -> str:
    """sha256 over the three files that decide what is fetched."""
    digest = hashlib.sha256()
    for name in PINS:
        digest.update((root / "hub" / "pages" / name).read_bytes())
    return digest.hexdigest()


def is_current(root: Path) -> bool:
    """True when the files on disk were made from the present pins."""
    try:
        passport = json.loads((vendor_folder(root) / "vendor.json").read_bytes())
    except (OSError, ValueError):
        return False
    return bool(passport.get("pins") == pins_digest(root))


def fetch(root: Path) -> None:
    """Install the pinned packages in a temporary folder and copy the files we use. Raises: NotFetched."""
    with tempfile.TemporaryDirectory(prefix="stockline-assets-") as folder:
        work = Path(folder)
        for name in PINS:
            shutil.copy(root / "hub" / "pages" / name, work)
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=30000"]
        try:
            found = node.find(root, work / "node")
            sentence = "npm could not fetch the front-end packages"
            node.run([*found.npm, "ci", *flags], work, sentence, found.environment)
        except node.NoNode as error:
            raise NotFetched(str(error)) from error
        _replace(vendor_folder(root), _collected(work, pins_digest(root)))


def _collected(work: Path, pins: str) -> Path:
    """Copy the wanted files into `work/vendor` and write its passport."""
    wanted: dict[str, dict[str, str]] = json.loads((work / "vendor_files.json").read_bytes())["files"]
    icons = json.loads((work / "vendor_files.json").read_bytes())["icons"]
    wanted[ICONS] = {f"icons/outline/{name}.svg": f"icons/{name}.svg" for name in icons}
    vendor = work / "vendor"
    packages = [_copied(work / "node_modules" / name, files, vendor) for name, files in wanted.items()]
    passport = {"pins": pins, "packages": packages}
    (vendor / "vendor.json").write_text(json.dumps(passport, indent=1) + "\n")
    return vendor


def _copied(package: Path, files: dict[str, str], vendor: Path) -> dict[str, Any]:
    """Copy one package's files (source -> target) and its license text; returns its entry in the passport."""
    about = json.loads((package / "package.json").read_bytes())
    texts = [path.name for path in package.iterdir() if path.name.upper().startswith("LICEN")]
    plain = about["name"].replace("@", "").replace("/", "-")
    pairs = files | {text: f"licenses/{plain}.txt" for text in texts[:1]}
    for source, target in pairs.items():
        if not (package / source).is_file():
            raise NotFetched(f"{about['name']} has no file {source}: mend hub/pages/vendor_files.json")
        (vendor / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(package / source, vendor / target)
    hashes = {target: hashlib.sha256((vendor / target).read_bytes()).hexdigest() for target in sorted(pairs.values())}
    return {"name": about["name"], "version": about["version"], "license": about["license"], "files": hashes}


def _replace(folder: Path, fresh: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(fresh, folder)


def main() -> int:
    """Fetch the files when the pins changed; exit code 1 and one sentence when that was not possible."""
    try:
        if not is_current(ROOT):
            fetch(ROOT)
    except NotFetched as error:
        print(f"The front-end files are missing: {error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
