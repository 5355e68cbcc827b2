"""Every error once: what it is called, which status it has, and what its title says.

The tree of exceptions::

    PortvaktError
    ├── Problem               an answer to the caller (RFC 9457); carries a Code and Faults
    ├── DatabaseUnavailable   the database can't serve; names the Cause; answered as 503
    │   └── DatabaseBusy      others use it, and have for too long; answered as 503
    ├── IntegrityViolation    the database refused a write; names the constraint
    ├── TransactionConflict   two transactions stood in each other's way; run this one again
    │   └── Overtaken         a later request was done first; run this one after it
    ├── DeclarationError      a resource is declared wrongly; stops the program at start
    ├── SettingsError         a setting is missing or unreadable; stops the program at start
    └── SchemaOutdated        the database needs `portvakt migrate`

A `Problem` is a refusal of one request. A `Fault` is one thing that is wrong with it; a problem
carries as many as were found. Codes are stable: clients may compare them, messages may change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Code(Enum):
    """The kind of a problem: its stable name, HTTP status and title (decision record 8)."""

    unreadable_request = (400, "The request is not readable HTTP")
    unreadable_json = (400, "The body is not readable JSON")
    repeated_name = (400, "An object has a name more than once")
    unexpected_body = (400, "No body is taken here")
    invalid_parameters = (400, "A parameter is wrong")
    invalid_headers = (400, "A header is wrong")
    unauthorized = (401, "The credentials were not accepted")
    forbidden = (403, "The permission is missing")
    not_found = (404, "There is no such item")
    unknown_path = (404, "There is nothing at this path")
    method_not_allowed = (405, "The method is not allowed here")
    request_timeout = (408, "The body took too long to arrive")
    conflict = (409, "The item conflicts with a stored one")
    in_use = (409, "The item is referred to by others")
    shown_once = (409, "What was done can't be shown again")
    log_restarted = (410, "The log doesn't hold this place any more")
    precondition_failed = (412, "The item has changed since it was read")
    too_large = (413, "The request is too large")
    uri_too_long = (414, "The address is too long")
    unsupported_media_type = (415, "The body must be application/json")
    expectation_failed = (417, "The expectation can't be met")
    invalid = (422, "The content is wrong")
    idempotency_mismatch = (422, "The Idempotency-Key stands for another request")
    too_many_requests = (429, "There were too many attempts")
    headers_too_large = (431, "The headers are too large")
    internal_error = (500, "Something went wrong on our side")
    unavailable = (503, "The service is not available right now")

    def __init__(self, status: int, title: str) -> None:
        self.status = status
        self.title = title


class FaultCode(Enum):
    """What is wrong at one place of a request. The value is the stable name on the wire."""

    # a value in a body
    required = "required"
    null = "null"
    type = "type"
    format = "format"
    too_short = "too_short"
    too_long = "too_long"
    out_of_range = "out_of_range"
    not_an_option = "not_an_option"
    forbidden_character = "forbidden_character"
    repeated_value = "repeated_value"
    repeated_name = "repeated_name"
    unknown_field = "unknown_field"
    id_mismatch = "id_mismatch"
    # values together
    excludes = "excludes"
    at_least_one = "at_least_one"
    set_together = "set_together"
    requires = "requires"
    wrong_order = "wrong_order"
    mismatch = "mismatch"
    sealed = "sealed"
    guarded = "guarded"
    # values and stored rows
    not_found = "not_found"
    conflict = "conflict"
    in_use = "in_use"
    not_available = "not_available"
    out_of_reach = "out_of_reach"
    erased = "erased"
    stale = "stale"
    unreadable = "unreadable"
    repeated_id = "repeated_id"
    repeated_key = "repeated_key"
    circular = "circular"
    # a parameter or a header
    unknown_parameter = "unknown_parameter"
    unknown_operator = "unknown_operator"
    missing = "missing"
    duplicate = "duplicate"
    limit = "limit"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where.

    `place` is one of "pointer" (RFC 6901, into the body), "parameter" (a query parameter's
    name) or "header"; `where` is the pointer or name itself.
    `fields` names the other fields that a rule concerns, if any.
    """

    code: FaultCode
    where: str
    detail: str
    place: str = "pointer"
    fields: tuple[str, ...] = ()

    def under(self, prefix: str) -> Fault:
        """This fault with its pointer moved below `prefix` (such as "/3")."""
        return Fault(self.code, prefix + self.where, self.detail, self.place, self.fields)


class PortvaktError(Exception):
    """Whatever Portvakt raises itself."""


class Problem(PortvaktError):
    """A request that is refused: becomes an `application/problem+json` answer.

    `headers` are added to the answer (such as `Allow` or `Retry-After`). `why` is for the log: what
    the caller isn't told.
    """

    def __init__(
        self,
        code: Code,
        detail: str,
        faults: Sequence[Fault] = (),
        headers: Sequence[tuple[str, str]] = (),
        *,
        why: str = "",
    ) -> None:
        super().__init__(f"{code.name}: {detail}")
        self.code = code
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = tuple(headers)
        self.why = why


class Cause(Enum):
    """Why a database can't serve: one sentence, and whether trying again may help by itself.

    The name stands in the log and in `/health/ready`.
    """

    unreachable = ("The database can't be reached.", True)
    busy = ("Too many requests wait for the database, or another program has it.", True)
    cancelled = ("The database broke the statement off.", True)
    full = ("The database has no room for more.", False)
    read_only = ("The database takes no writes.", False)
    no_right = ("The database denies its role a right.", False)
    wrong_encoding = ("The database's encoding can't hold every character.", False)
    damaged = ("The database can't be read.", False)

    def __init__(self, sentence: str, passes: bool) -> None:
        self.sentence = sentence
        self.passes = passes


class DatabaseUnavailable(PortvaktError):
    """The database can't serve right now, or broke off in the middle. Nothing was committed.

    The message is for operators: the database's own words, where it said something.
    """

    def __init__(self, message: str, cause: Cause = Cause.unreachable) -> None:
        super().__init__(message)
        self.cause = cause


class DatabaseBusy(DatabaseUnavailable):
    """A connection to the database, a lock or the turn to write was in use for too long."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Cause.busy)


def unavailable(message: str, cause: Cause) -> DatabaseUnavailable:
    """The error of a cause."""
    return DatabaseBusy(message) if cause is Cause.busy else DatabaseUnavailable(message, cause)


class IntegrityViolation(PortvaktError):
    """The database refused a write because of `constraint` (its name; "" where unknown)."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class TransactionConflict(PortvaktError):
    """Another transaction stood in the way. Nothing was committed; run the whole one again."""


class Overtaken(TransactionConflict):
    """What decides for one of these pairs was changed at a later time than this request's.

    `pairs` are rows that name them. Nothing was committed; run the whole again, after that change.
    """

    def __init__(self, pairs: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("a request of a later time was done first")
        self.pairs = pairs


class DeclarationError(PortvaktError):
    """A resource is declared wrongly; the message names its file and the mend."""


class SettingsError(PortvaktError):
    """A setting is missing or unreadable; the message names it and the mend."""


class SchemaOutdated(PortvaktError):
    """The database's schema is not the one that this version needs."""
