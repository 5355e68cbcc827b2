"""Tells of connections to SQLite that nobody closed, whichever Python runs the tests.

Python 3.13 warns of them by itself; an older one closes them in silence. pytest makes an error of
the warning, in the test that let go of the connection.
"""

from __future__ import annotations

import sqlite3
import sys
import warnings
from types import FrameType
from typing import Any

_SHOWN = 4


class Watched(sqlite3.Connection):
    """A connection that warns if it ends unclosed."""

    _open = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._open = True
        self._opened_by = _callers()

    def close(self) -> None:
        """Close, as the connection itself does."""
        super().close()
        self._open = False

    def __del__(self) -> None:
        if self._open:
            told = f"unclosed database, opened at {self._opened_by}"
            warnings.warn(told, ResourceWarning, stacklevel=2, source=self)


def _callers() -> str:
    """The places that the calls went through, the innermost first, without the libraries'."""
    places: list[str] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and len(places) < _SHOWN:
        if "site-packages" not in frame.f_code.co_filename:
            places.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
        frame = frame.f_back
    return ", ".join(places)


def watch() -> None:
    """From now on, watch every connection that is opened where Python itself doesn't."""
    if sys.version_info >= (3, 13):
        return
    connect = sqlite3.connect

    def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = connect(*arguments, **{"factory": Watched, **options})
        return made

    sqlite3.connect = sqlite3.dbapi2.connect = watched  # type: ignore[assignment]
