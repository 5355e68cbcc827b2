"""Reads rows of PostgreSQL that hold times and dates which Python has no value for.

See `unreadable`. A connection reads so for one statement, as it takes the driver longer.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from portvakt.storage.databases.interface import Row
from portvakt.storage.databases.postgresql_errors import DRIVER_ERRORS, raise_translated
from portvakt.storage.databases.unreadable import Unreadable, with_broken

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

_TIMES = (datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1), 2**63 - 1)
_DATES = (date(2000, 1, 1), timedelta(days=1), 2**31 - 1)
"""Where PostgreSQL counts from, by what, and the number that it calls infinite."""


def is_undecodable(error: Exception) -> bool:
    """Whether the driver couldn't make a value of Python of what the server sent."""
    return isinstance(error, OverflowError | ValueError) and not isinstance(error, DRIVER_ERRORS)


async def fetch(driver: PoolConnectionProxy, sql: str, values: Sequence[Any]) -> list[Row]:
    """All rows of a statement, whatever their times are."""
    async with _lenient(driver):
        return with_broken(cast("list[Row]", await driver.fetch(sql, *values)))


async def stream(
    driver: PoolConnectionProxy, sql: str, values: Sequence[Any], skipped: int, chunk: int
) -> AsyncGenerator[list[Row], None]:
    """The rows of a statement past its first ones, in lists of `chunk`, whatever their times are.

    Other statements may run on the connection in between.
    """
    try:
        async with _lenient(driver):
            cursor = await driver.cursor(sql, *values)
        if skipped:
            await cursor.forward(skipped)
        more = True
        while more:
            rows = with_broken(cast("list[Row]", await cursor.fetch(chunk)))
            more = len(rows) == chunk
            if rows:
                yield rows
    except DRIVER_ERRORS as error:
        raise_translated(error)


@asynccontextmanager
async def _lenient(driver: PoolConnectionProxy) -> AsyncIterator[None]:
    kinds: dict[str, tuple[Any, timedelta, int]] = {"timestamptz": _TIMES, "date": _DATES}
    for name, counted in kinds.items():
        await driver.set_type_codec(
            name,
            schema="pg_catalog",
            format="tuple",
            encoder=_encoder(*counted),
            decoder=_decoder(*counted),
        )
    try:
        yield
    finally:
        if not driver.is_closed():
            for name in kinds:
                await driver.reset_type_codec(name, schema="pg_catalog")


def _encoder(begin: Any, unit: timedelta, infinite: int) -> Callable[[Any], tuple[int]]:
    least, greatest = _ends(begin)

    def encode(value: Any) -> tuple[int]:
        if value in (least, greatest):
            return (infinite if value == greatest else -infinite - 1,)
        return ((value - begin) // unit,)

    return encode


def _decoder(begin: Any, unit: timedelta, infinite: int) -> Callable[[tuple[int]], Any]:
    least, greatest = _ends(begin)

    def decode(counted: tuple[int]) -> Any:
        (number,) = counted
        if number in (infinite, -infinite - 1):
            return greatest if number > 0 else least
        try:
            return begin + number * unit
        except OverflowError:
            return Unreadable(late=number > 0)

    return decode


def _ends(begin: Any) -> tuple[Any, Any]:
    """The first and the last value of Python, which the driver stores as infinite."""
    if isinstance(begin, datetime):
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    return date.min, date.max
