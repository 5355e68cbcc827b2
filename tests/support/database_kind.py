"""What tests need to know of a kind of database."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import pytest


class DatabaseKind(NamedTuple):
    """A kind of database, as the tests need to know it."""

    name: str
    """What it is called in the names of tests."""
    dialect: str
    """The dialect of `storage/sql/dialects.py` that a store on it speaks."""
    empty: Callable[[pytest.FixtureRequest, Path], AbstractContextManager[str]]
    """Gives the URL of an empty database for a block, which has the folder to itself."""
