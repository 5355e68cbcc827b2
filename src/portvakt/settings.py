"""Every setting once: its name, its default, and what it does.

A setting is read from the environment variable `PORTVAKT_<NAME>`. `portvakt settings` lists them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from portvakt.errors import SettingsError

PREFIX = "PORTVAKT_"
_MIB = 1024 * 1024  # bytes


class Settings(BaseSettings):
    """What an operator can choose. Raises nothing itself: use `read_settings`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    database: str = Field(
        default="sqlite:///var/portvakt.db",
        description="Where the data is: sqlite:///relative.db, sqlite:////absolute.db or "
        "postgresql://user:password@host:port/name.",
    )
    replica: str = Field(
        default="",
        description="Where a standby of the PostgreSQL database is, as another such URL: what "
        "people ask that reads much is read there. Empty: all is read from the database itself.",
    )
    replica_wait: float = Field(
        default=2,
        gt=0,
        le=60,
        description="Seconds that such a read waits for the standby to have all that was "
        "committed when it was asked for. After that the database itself is read.",
    )
    credential_keys: SecretStr = Field(
        default=SecretStr(""),
        description="The keys under which secrets are hashed, as number:base64 separated by "
        "commas. The highest number hashes new secrets. Make one with `portvakt key`.",
    )
    sealing_key: SecretStr = Field(
        default=SecretStr(""),
        description="The Ed25519 key that signs the ledger, as base64 of 32 bytes; empty: nothing "
        "is signed. Make one with `portvakt key`, and keep it away from the database.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on.")
    trusted_proxies: str = Field(
        default="",
        description="The addresses and networks of reverse proxies, separated by commas, that are "
        "believed when they say where a request comes from; none: nobody is believed.",
    )
    proxy_header: Literal["x-forwarded-for", "forwarded"] = Field(
        default="x-forwarded-for",
        description="The header in which trusted proxies say so. They must set it or add to it "
        "in every request; the other one is not read.",
    )
    cors_origins: str = Field(
        default="",
        description="The origins, separated by commas, whose pages may call the API from a "
        "browser, such as https://example.com; * for any; none: no page may. Documents and health "
        "are open to all.",
    )
    workers: int = Field(
        default=1, ge=1, le=256, description="Server processes. More than one needs PostgreSQL."
    )
    pool_size: int = Field(
        default=16, ge=1, le=1000, description="PostgreSQL connections of each server process."
    )
    pool_timeout: float = Field(
        default=5,
        gt=0,
        description="Seconds that a request waits for a connection to the database while all are "
        "in use; then it gets 503.",
    )
    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field(
        default="FULL",
        description="FULL: a write that was answered survives a power cut. NORMAL: faster; the "
        "last writes may be lost then, never damaged.",
    )
    idempotency_hours: float = Field(
        default=24,
        gt=0,
        le=24 * 365,
        description="Hours for which what was done under an `Idempotency-Key` is kept.",
    )
    max_body_bytes: int = Field(
        default=32 * _MIB,
        ge=1024,
        description="The largest request body, in bytes: that of a bulk write, and of any other "
        "request of many items. No other limit of bodies is greater.",
    )
    max_item_bytes: int = Field(
        default=_MIB,
        ge=1024,
        description="The largest body of a request for one item, and the most bytes of each item "
        "of a bulk write.",
    )
    max_anonymous_bytes: int = Field(
        default=16 * 1024,
        ge=1024,
        description="The largest body of a request without credentials, such as a login.",
    )
    max_bodies_bytes: int = Field(
        default=64 * _MIB,
        ge=_MIB,
        description="How many bytes of request bodies a server process has in its hands at a "
        "time; small ones aren't counted. What is made of them takes up to five times as much "
        "memory besides. Further ones wait, for `pool_timeout` seconds; then they get 503.",
    )
    max_bulk_items: int = Field(
        default=10_000, ge=1, description="The most items of one bulk write."
    )
    max_head_bytes: int = Field(
        default=64 * 1024, ge=4096, description="The most bytes of a request's headers together."
    )
    max_query_bytes: int = Field(
        default=60_000, ge=1024, description="The longest query string, in bytes."
    )
    head_timeout: float = Field(
        default=30, gt=0, description="Seconds in which a request's headers must have arrived."
    )
    keep_alive: int = Field(
        default=75,
        ge=1,
        description="Seconds that a connection is kept on which no further request begins. Longer "
        "than the proxy or load balancer in front keeps its own. Once one begins, `head_timeout` "
        "counts.",
    )
    body_timeout: float = Field(
        default=60, gt=0, description="Seconds in which a request body must have arrived."
    )
    max_streams: int = Field(
        default=8,
        ge=1,
        le=1000,
        description="Exports (lists without paging and the like) that a server process sends at "
        "a time. Each keeps a connection to the database: fewer than `pool_size`. One more gets "
        "503.",
    )
    stream_timeout: float = Field(
        default=3600, gt=0, description="Seconds after which an export is cut off."
    )
    stall_timeout: float = Field(
        default=60,
        gt=0,
        description="Seconds after which a client is cut off that has read less than 64 KiB in "
        "them, while more waits for it.",
    )
    shutdown_timeout: int = Field(
        default=30,
        ge=0,
        description="Seconds that running requests get to finish when the server stops.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least important message to log."
    )
    log_format: Literal["json", "text"] = Field(
        default="json", description="json: one object a line, for programs. text: for people."
    )


def read_settings() -> Settings:
    """The settings of the environment. Raises `SettingsError` that names each wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [
            f"{PREFIX}{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}." for e in error.errors()
        ]
        raise SettingsError("\n".join(wrong)) from None
