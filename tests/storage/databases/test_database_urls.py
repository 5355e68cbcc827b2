"""How a database's address is read and shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from portvakt.errors import SettingsError
from portvakt.storage.databases.interface import SqliteAddress, display_url, parse_url
from portvakt.storage.databases.opening import make_database


@pytest.mark.parametrize(
    ("url", "path"), [("sqlite:///a/b.db", "a/b.db"), ("sqlite:////a/b.db", "/a/b.db")]
)
def test_sqlite_paths(url: str, path: str) -> None:
    """Three slashes are followed by a relative path, four by an absolute one."""
    assert parse_url(url) == SqliteAddress(Path(path))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user@localhost:5432/name",
        "postgresql://user:p%40ss@localhost/name?sslmode=require",
        "postgresql://user@/name?host=/run/postgresql",
        "postgresql://user:secret@[::1]:5432/name",
    ],
)
def test_postgresql_urls(url: str) -> None:
    """PostgreSQL's URLs take a password, an SSL mode and the folder of a socket."""
    assert make_database(url).name == "postgresql"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "portvakt.db",
        "mysql://user:secret@host/name",
        "postgres://user:secret@host/name",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://relative.db",
        "sqlite:///a.db?mode=ro",
        "postgresql://user:secret@/name",
        "postgresql://user:secret@host",
        "postgresql://user:secret@host:secret/name",
        "postgresql://user:sec/ret@host/name",
        "postgresql://user:secret@host/name?search_path=x",
        "postgresql://user:secret@host/name?sslmode=perhaps",
        "postgresql://user:secret@host/name?secret",
    ],
)
def test_unreadable_urls(url: str) -> None:
    """Any other URL is refused by a text that names the forms and no password."""
    with pytest.raises(SettingsError) as refused:
        parse_url(url)
    assert "sqlite:///relative.db" in str(refused.value)
    assert ":secret@" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///a.db", "sqlite:///a.db"),
        ("postgresql://user@host/name", "postgresql://user@host/name"),
        ("postgresql://host:5432/name", "postgresql://host:5432/name"),
        ("postgresql://user:secret@host:1/name", "postgresql://user:***@host:1/name"),
        ("postgresql://user:s@/:?#t@host/name", "postgresql://user:***@host/name"),
        (
            "postgresql://user@host/name?password=secret&a=b",
            "postgresql://user@host/name?password=***&a=b",
        ),
        ("user:secret@host", "***"),
    ],
)
def test_display_url(url: str, shown: str) -> None:
    """A shown URL hides the password, however odd, and keeps the rest."""
    assert display_url(url) == shown


def test_repr_hides_the_password() -> None:
    """Neither an address nor a database shows its password when printed."""
    url = "postgresql://user:secret@host/name"
    assert "secret" not in repr(parse_url(url)) + repr(make_database(url))


def test_unknown_synchronous() -> None:
    """SQLite's durability is one of two words."""
    with pytest.raises(SettingsError):
        make_database("sqlite:///a.db", synchronous="OFF")
