"""A real SFTP server in this process (paramiko), rooted in one directory, for one user."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import paramiko
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.sftp import SFTP_FAILURE, SFTP_OK

from connectors.kit.practice.sandbox import Faults

USER = "stockline"


def new_key() -> tuple[str, paramiko.PKey]:
    """A fresh Ed25519 key as OpenSSH text, and loaded."""
    key = ed25519.Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    return pem, paramiko.Ed25519Key.from_private_key(io.StringIO(pem))


class SftpServer:
    """Serves `root` on `port` of 127.0.0.1 (0: a free one). `dark`: says whether logins are refused for now."""

    def __init__(self, root: Path, faults: Faults, dark: Callable[[], bool], port: int = 0) -> None:
        self._root, self._faults, self._dark = root, faults, dark
        _, self._host_key = new_key()
        self.client_key, self._client_key = new_key()
        self._password = secrets.token_urlsafe(12)
        self._socket: socket.socket | None = None
        self._open: list[paramiko.Transport] = []
        self._thread: threading.Thread | None = None
        self.port = port

    @property
    def settings(self) -> Mapping[str, str]:
        return {"sftp_host": "127.0.0.1", "sftp_port": str(self.port), "sftp_user": USER,
                "sftp_host_key": f"{self._host_key.get_name()} {self._host_key.get_base64()}"}  # fmt: skip

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"sftp_password": self._password}

    def start(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", self.port), backlog=50)
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, args=(self._socket,), name="sftp", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        listening, self._socket = self._socket, None
        if listening is not None:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        if self._thread is not None:
            self._thread.join(10)
        self.drop_all()

    def drop_all(self) -> None:
        """Hang up on everybody."""
        for transport in list(self._open):
            transport.close()
        for transport in list(self._open):
            transport.join(5)
        self._open.clear()

    def _accept(self, listening: socket.socket) -> None:
        while self._socket is not None:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            if self._dark():
                client.close()
            else:
                self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        self._open = [transport for transport in self._open if transport.is_active()]
        transport = paramiko.Transport(client)
        transport.add_server_key(self._host_key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, self._root, self._after_rename(transport))
        self._open.append(transport)
        door = _Door(self._password, self._client_key)
        try:
            transport.start_server(event=threading.Event(), server=door)
        except (paramiko.SSHException, EOFError, OSError):
            transport.close()

    def _after_rename(self, transport: paramiko.Transport) -> Callable[[], None]:
        """After a write of the hub took effect, the line may break before the answer (`timeout_after_effect`)."""

        def strike() -> None:
            if self._faults.strikes("timeout_after_effect"):
                transport.close()

        return strike


class _Door(paramiko.ServerInterface):
    """One user, by password or key; only the sftp subsystem."""

    def __init__(self, password: str, key: paramiko.PKey) -> None:
        self._password, self._key = password, key

    def check_auth_password(self, username: str, password: str) -> int:
        good = username == USER and secrets.compare_digest(password.encode(), self._password.encode())
        return AUTH_SUCCESSFUL if good else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL if username == USER and key == self._key else AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


class _Handle(paramiko.SFTPHandle):
    """One open file."""

    def __init__(self, file: Any, flags: int) -> None:
        super().__init__(flags)
        self.readfile = self.writefile = file

    def stat(self) -> paramiko.SFTPAttributes | int:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


def _answer(call: Callable[[], Any]) -> Any:
    """The result of a file operation, or SFTP's error number."""
    try:
        result = call()
    except OSError as error:
        return paramiko.SFTPServer.convert_errno(error.errno or 0)
    return SFTP_OK if result is None else result


class _Files(paramiko.SFTPServerInterface):
    """The directory `root` as the whole world."""

    def __init__(self, server: paramiko.ServerInterface, root: Path, renamed: Callable[[], None]) -> None:
        super().__init__(server)
        self._root, self._renamed = root, renamed

    def _path(self, path: str) -> Path:
        return self._root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> Any:
        return _answer(lambda: self._list(self._path(path)))

    def _list(self, path: Path) -> list[paramiko.SFTPAttributes]:
        with os.scandir(path) as entries:
            return [paramiko.SFTPAttributes.from_stat(entry.stat(), entry.name) for entry in entries]

    def stat(self, path: str) -> Any:
        return _answer(lambda: paramiko.SFTPAttributes.from_stat(os.stat(self._path(path))))

    lstat = stat

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> Any:
        return _answer(lambda: self._open(self._path(path), flags))

    def _open(self, path: Path, flags: int) -> _Handle:
        mode = "wb" if flags & os.O_WRONLY else "r+b" if flags & os.O_RDWR else "rb"
        return _Handle(os.fdopen(os.open(path, flags, 0o600), mode), flags)

    def remove(self, path: str) -> Any:
        return _answer(lambda: os.remove(self._path(path)))

    def rename(self, oldpath: str, newpath: str) -> Any:
        if self._path(newpath).exists():
            return SFTP_FAILURE
        return self.posix_rename(oldpath, newpath)

    def posix_rename(self, oldpath: str, newpath: str) -> Any:
        result = _answer(lambda: os.replace(self._path(oldpath), self._path(newpath)))
        if newpath.startswith("/from_hub/"):
            self._renamed()
        return result

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> Any:
        return _answer(lambda: os.mkdir(self._path(path)))
