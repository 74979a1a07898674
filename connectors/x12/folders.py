"""Where the files are: one folder interface, met by a local directory here and by SFTP in `sftp.py`."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hub.canonical.errors import ChannelDown, Misconfigured

_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".writing", ".upload", ".crdownload", ".lock", "~")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file as a listing shows it; `changed` is the server's mtime in seconds (whole for SFTP)."""

    name: str
    size: int
    changed: float


class Folders(Protocol):
    """Directories by path, files by name. Every call may raise ChannelDown; a missing directory is one, too."""

    def entries(self, directory: str) -> list[Entry]:
        """Regular, finished files, oldest first."""
        ...

    def read(self, directory: str, name: str, most: int) -> bytes | None:
        """At most `most` bytes; None when the file is gone."""
        ...

    def write(self, directory: str, name: str, body: bytes) -> None:
        """Write aside, then rename: a reader sees the whole file or none; an older file of that name is replaced."""
        ...

    def move(self, directory: str, name: str, target: str) -> None:
        """Move a file to another directory (made when missing), under a name that is free there; gone is fine."""
        ...

    def can_write(self, directory: str) -> bool: ...


OpenFolders = AbstractContextManager[Folders]


def finished(name: str) -> bool:
    """Whether a name is not that of an upload in progress."""
    return not name.startswith(".") and not name.lower().endswith(_UNFINISHED)


def free_name(name: str, taken: bool) -> str:
    """`name`, or where it is taken, `name` with a random part before its ending."""
    stem, dot, ending = name.rpartition(".")
    mark = uuid.uuid4().hex[:8]
    return name if not taken else f"{stem}.{mark}{dot}{ending}" if stem else f"{name}.{mark}"


@contextmanager
def local_folders() -> Iterator[Folders]:
    """Directories of this machine (or mounted on it)."""
    yield _Local()


@contextmanager
def _told(directory: str) -> Iterator[None]:
    """Errors of the file system in our words."""
    try:
        yield
    except PermissionError as refused:
        place = refused.filename or directory
        raise Misconfigured(f"no permission for {place}: give this user read and write rights") from None
    except NotADirectoryError:
        raise Misconfigured(f"{directory} is a file: expected a folder") from None
    except OSError as broken:
        why = broken.strerror or str(broken)
        raise ChannelDown(f"folder {directory} cannot be used: {why}; create or mount it") from None


def _shown(entry: os.DirEntry[str]) -> Entry | None:
    """A regular file; None for anything else, and for a file that was just taken away."""
    try:
        stat = entry.stat()
        return Entry(entry.name, stat.st_size, stat.st_mtime) if entry.is_file() else None
    except FileNotFoundError:
        return None


class _Local:
    def entries(self, directory: str) -> list[Entry]:
        with _told(directory), os.scandir(directory) as found:
            shown = [shown for entry in found if finished(entry.name) and (shown := _shown(entry)) is not None]
        return sorted(shown, key=lambda entry: (entry.changed, entry.name))

    def read(self, directory: str, name: str, most: int) -> bytes | None:
        with _told(directory):
            try:
                with open(Path(directory) / name, "rb") as file:
                    return file.read(most)
            except FileNotFoundError:
                if not Path(directory).is_dir():
                    raise
                return None

    def write(self, directory: str, name: str, body: bytes) -> None:
        aside = Path(directory) / f".{name}.{uuid.uuid4().hex[:8]}.tmp"
        with _told(directory):
            try:
                with open(aside, "wb") as file:
                    file.write(body)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(aside, Path(directory) / name)
            except OSError:
                with contextlib.suppress(OSError):
                    aside.unlink()
                raise

    def move(self, directory: str, name: str, target: str) -> None:
        source = Path(directory) / name
        with _told(target):
            Path(target).mkdir(exist_ok=True)
            to = Path(target) / free_name(name, (Path(target) / name).exists())
            try:
                os.replace(source, to)
            except FileNotFoundError:
                return
            except OSError as other_disk:
                if other_disk.errno != errno.EXDEV:
                    raise
                shutil.move(source, to)

    def can_write(self, directory: str) -> bool:
        with _told(directory):
            os.stat(directory)
            return os.access(directory, os.W_OK | os.X_OK)
