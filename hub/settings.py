"""All settings: environment variables `STOCKLINE_*`; options of the command line win; no other file reads them."""

from __future__ import annotations

import re
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.canonical.errors import Misconfigured

DATABASE_FILE = "stockline.sqlite3"
_BROKER = re.compile(r"(amqps?|rediss?)://\S+")
_ADDRESS = re.compile(r"\w[\w+.-]+:/.*")
_WEB = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")


class Settings(BaseSettings):
    """What an installation can set. Each field is the variable `STOCKLINE_<NAME IN CAPITALS>`."""

    model_config = SettingsConfigDict(env_prefix="STOCKLINE_", extra="ignore", frozen=True, env_ignore_empty=True)

    data_dir: Path = Field(Path("stockline-data"), description="Folder of the database file and the key file.")
    database_url: str = Field("", description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME. Empty: a file.")
    database_pool: int = Field(10, ge=1, le=200, description="Database connections kept open by one process.")
    broker_url: str = Field("", description="amqp://… (RabbitMQ) or redis://…. Empty: in one process.")
    queue_prefix: str = Field("stockline.", description="Beginning of every queue name.")
    secret_keys: SecretStr | None = Field(None, description="kid:base64,… The first seals. Empty: the key file.")
    host: str = Field("127.0.0.1", description="Address that the web server listens on.")
    port: int = Field(8765, ge=0, le=65535, description="Port of the web server; 0 takes a free one.")
    public_url: str = Field("", description="How browsers and channels reach the hub, such as https://hub.example.com.")
    threads: int = Field(8, ge=1, le=256, description="Pieces of work that one worker process does at once.")
    slice_s: float = Field(
        20.0, gt=0, le=600, description="Seconds after which a long run of work lets others go first."
    )
    poll_s: float = Field(1.0, gt=0, le=60, description="Seconds between two looks for waiting work.")
    lease_s: float = Field(15.0, ge=2, le=300, description="Seconds after which another scheduler may take over.")
    work_lease_s: float = Field(60.0, ge=1, le=3600, description="Seconds a dead worker's claim on work stands.")
    count_by_two: bool = Field(False, description="A count of shelves is approved by another person than who counted.")
    house_currency: str = Field(
        "", description="ISO 4217 code, such as EUR: what costs, rates and worths are in, which name no currency."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Literal["auto", "json", "text"] = Field("auto", description="json for machines, text for people.")
    metrics_token: SecretStr | None = Field(None, description="When set, /metrics asks for it as a bearer token.")
    crash_at: str = Field("", description="Crash tests only: NAME[:NTH] of the point where the process group dies.")

    @field_validator("data_dir")
    @classmethod
    def _folder(cls, path: Path) -> Path:
        if _ADDRESS.match(str(path)):
            raise ValueError(
                "expected a folder, and this is the address of a database; that is STOCKLINE_DATABASE_URL or "
                "--database-url"
            )
        return path

    @field_validator("broker_url")
    @classmethod
    def _broker(cls, url: str) -> str:
        if url and not _BROKER.fullmatch(url):
            raise ValueError("expected amqp://USER:PASSWORD@HOST// or redis://HOST")
        return url

    @field_validator("house_currency")
    @classmethod
    def _currency(cls, code: str) -> str:
        if code and code.upper() not in _currencies():
            raise ValueError("expected the ISO 4217 code of a currency in use, such as EUR, USD or CNY")
        return code.upper()

    @field_validator("public_url")
    @classmethod
    def _public(cls, url: str) -> str:
        if url and not _WEB.fullmatch(url):
            raise ValueError("expected the address of the hub such as https://hub.example.com")
        return url

    @property
    def embedded(self) -> bool:
        """True when no broker is named: everything runs in one process."""
        return not self.broker_url

    @cached_property
    def database(self) -> str:
        """The address of the database: the one given, else the SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / DATABASE_FILE}"

    @property
    def place(self) -> str:
        """Where the data is, for people: the folder, else the database without the name and password before it."""
        return self.database_url.rpartition("@")[2] if self.database_url else str(self.data_dir.absolute())

    @property
    def address(self) -> str:
        """How people reach the hub, without a slash at the end."""
        return (self.public_url or f"http://{_in_url(self.host)}:{self.port}").rstrip("/")

    def log_form(self, terminal: bool) -> str:
        """json or text; `auto` is text at a terminal."""
        return ("text" if terminal else "json") if self.log_format == "auto" else self.log_format

    def with_port(self, port: int) -> Settings:
        """The same settings with the port that the server really has."""
        return self.model_copy(update={"port": port})


@cache
def _currencies() -> frozenset[str]:
    """Codes of what is money somewhere today."""
    from babel.core import get_global  # slow to import, and most who start a hub name no currency

    uses = (use for country in get_global("territory_currencies").values() for use in country)
    return frozenset(code for code, _, end, tender in uses if end is None and tender)


def _in_url(host: str) -> str:
    if host in {"0.0.0.0", "::"}:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def load(**options: Any) -> Settings:
    """Read the settings; options that are not None win over the environment.

    Raises: Misconfigured: naming the option or variable and what is wrong with it, never its content.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        words = first["msg"].removeprefix("Value error, ")
        raise Misconfigured(
            f"--{name.replace('_', '-')}: {words}" if name in given
            else f"STOCKLINE_{name.upper()}: {words}; correct or unset it"
        ) from None  # fmt: skip
