"""The dealer's folders over SFTP (paramiko, extra `edi`); the server's key is pinned."""

from __future__ import annotations

import io
import posixpath
import stat
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connectors.x12.folders import Entry, Folders, finished, free_name
from hub.canonical.errors import AuthFailed, ChannelDown, Misconfigured, TimedOut

if TYPE_CHECKING:
    import paramiko

CONNECT_S, ANSWER_S = 10.0, 20.0


def require_paramiko() -> None:
    """Raises Misconfigured where the extra is not installed."""
    try:
        import paramiko  # noqa: F401
    except ImportError:
        raise Misconfigured('SFTP needs the extra "edi": run pip install "stockline[edi]"') from None


@contextmanager
def sftp_folders(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Iterator[Folders]:
    """One session on the dealer's server.

    Raises: Misconfigured: no or another host key than the pinned one, a bad port or private key, no paramiko.
            AuthFailed: user, password or key refused. ChannelDown, TimedOut: out of reach.
    """
    require_paramiko()
    import paramiko

    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(_pinned_policy(settings)())
    try:
        with _told(settings):
            _connect(client, settings, secrets)
            sftp = client.open_sftp()
            channel = sftp.get_channel()
            if channel is not None:
                channel.settimeout(ANSWER_S)
        yield _Remote(sftp, settings)
    finally:
        client.close()


def _connect(client: paramiko.SSHClient, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    key = _private_key(secrets.get("sftp_key", ""))
    if key is None and not secrets.get("sftp_password"):
        raise Misconfigured("set the secret sftp_password or sftp_key (an OpenSSH private key as text)")
    client.connect(
        settings["sftp_host"], port=port_of(settings), username=settings["sftp_user"], pkey=key,
        password=secrets.get("sftp_password") or None, allow_agent=False, look_for_keys=False,
        timeout=CONNECT_S, banner_timeout=CONNECT_S, auth_timeout=CONNECT_S, channel_timeout=CONNECT_S,
    )  # fmt: skip


def port_of(settings: Mapping[str, str]) -> int:
    """The SFTP port of the settings. Raises Misconfigured."""
    text = settings.get("sftp_port") or "22"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Misconfigured(f"setting sftp_port = {text!r}: expected a port such as 22")
    return int(text)


def _private_key(text: str) -> paramiko.PKey | None:
    import paramiko

    if not text.strip():
        return None
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text.strip() + "\n"))
        except (paramiko.SSHException, ValueError, IndexError):
            continue
    raise Misconfigured("secret sftp_key: expected an OpenSSH or PEM private key (Ed25519, ECDSA, RSA), no passphrase")


def _pinned_policy(settings: Mapping[str, str]) -> type[paramiko.MissingHostKeyPolicy]:
    """Accepts exactly the key of `sftp_host_key`: `ssh-ed25519 AAAA...` as in known_hosts, or `SHA256:...`."""
    import paramiko

    host, port, pinned = settings["sftp_host"], port_of(settings), settings.get("sftp_host_key", "").split()
    fetch = f"fetch it with: ssh-keyscan -p {port} {host} (then compare it with what the dealer told you)"
    if not pinned:
        raise Misconfigured(f"set sftp_host_key to the server's public key; {fetch}")

    class Pinned(paramiko.MissingHostKeyPolicy):
        def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
            known = {key.get_base64(), key.fingerprint}
            if not known.intersection(pinned):
                shown = f"{key.get_name()} {key.fingerprint}"
                raise Misconfigured(f"{host}:{port} shows another key ({shown}) than sftp_host_key; {fetch}")

    return Pinned


@contextmanager
def _told(settings: Mapping[str, str], directory: str = "") -> Iterator[None]:
    """Errors of the network and of the server in our words."""
    import paramiko

    place = f"SFTP {settings.get('sftp_host')}{' ' + directory if directory else ''}"
    try:
        yield
    except paramiko.AuthenticationException:
        raise AuthFailed(f"{place}: user, password or key was refused for {settings.get('sftp_user')!r}") from None
    except PermissionError:
        raise Misconfigured(f"{place}: no permission; ask the dealer for read and write rights") from None
    except FileNotFoundError:
        raise ChannelDown(f"{place}: there is no such folder; ask the dealer to create it") from None
    except TimeoutError:
        raise TimedOut(f"{place}: no answer in time") from None
    except (paramiko.SSHException, OSError, EOFError) as broken:
        raise ChannelDown(f"{place}: out of reach ({broken.__class__.__name__})") from None


class _Remote:
    """`Folders` of one session."""

    def __init__(self, sftp: paramiko.SFTPClient, settings: Mapping[str, str]) -> None:
        self._sftp, self._settings = sftp, settings

    def entries(self, directory: str) -> list[Entry]:
        with _told(self._settings, directory):
            found = self._sftp.listdir_attr(directory)
        shown = [Entry(f.filename, f.st_size or 0, float(f.st_mtime or 0)) for f in found
                 if finished(f.filename) and stat.S_ISREG(f.st_mode or stat.S_IFREG)]  # fmt: skip
        return sorted(shown, key=lambda entry: (entry.changed, entry.name))

    def read(self, directory: str, name: str, most: int) -> bytes | None:
        with _told(self._settings, directory):
            try:
                with self._sftp.open(posixpath.join(directory, name), "rb") as file:
                    file.prefetch(min(file.stat().st_size or 0, most))
                    return file.read(most)
            except FileNotFoundError:
                self._sftp.stat(directory)
                return None

    def write(self, directory: str, name: str, body: bytes) -> None:
        aside = posixpath.join(directory, f".{name}.{uuid.uuid4().hex[:8]}.tmp")
        target = posixpath.join(directory, name)
        with _told(self._settings, directory):
            with self._sftp.open(aside, "wb") as file:
                file.write(body)
            self._replace(aside, target)

    def _replace(self, aside: str, target: str) -> None:
        """OpenSSH's atomic rename; servers without it get remove and rename."""
        try:
            self._sftp.posix_rename(aside, target)
        except OSError:
            if self._exists(target):
                self._sftp.remove(target)
            self._sftp.rename(aside, target)

    def _exists(self, path: str) -> bool:
        try:
            self._sftp.stat(path)
        except FileNotFoundError:
            return False
        return True

    def move(self, directory: str, name: str, target: str) -> None:
        with _told(self._settings, target):
            if not self._exists(target):
                self._sftp.mkdir(target)
            source = posixpath.join(directory, name)
            to = posixpath.join(target, free_name(name, self._exists(posixpath.join(target, name))))
            if self._exists(source):
                self._sftp.rename(source, to)

    def can_write(self, directory: str) -> bool:
        probe = posixpath.join(directory, f".stockline-{uuid.uuid4().hex[:8]}.tmp")
        with _told(self._settings, directory):
            with self._sftp.open(probe, "wb") as file:
                file.write(b"")
            self._sftp.remove(probe)
        return True
