"""The kinds of caller: all that differs between them is said here, an entry each.

What an entry doesn't say isn't allowed: one that says only its name has no rights, sees no person's
details, may set no guarded field, uses no resource, and is in no document.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from portvakt.errors import DeclarationError
from portvakt.schema.rights import Guard


class CredentialForm(Enum):
    """What a caller presents itself by."""

    headers = "the headers that name an activation, and its secret"
    token = "a bearer token"  # noqa: S105 - not a password


class LogNaming(NamedTuple):
    """How the event log names who did something.

    - `field`: the log's field.
    - `value`: which of an event's columns it has the value of.
    - `as_user`: the column names an administrator, and the log tells which organization user it is.
    """

    field: str
    value: str
    as_user: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallerKind:
    """What is so of all callers of a kind. There is one object of each, compared by identity.

    - `name`: on the wire, in the ledger and in documents.
    - `people`: it asks about all integrations, sees whole histories, and may write a lot in one
      transaction; a program asks about itself.
    - `bound_by_rights`: it may do no more than `Caller.rights` say.
    - `sees_everybody`: it sees persons whatever they answered.
    - `may_set`: the guards whose fields it can change.
    - `may_set_by_rights`: the guards whose fields it can change by its rights to answers.
    - `names_customer`: it says whose data it means, where the platform's isn't meant.
    - `presents`: what it is known by, as documents say it.
    - `prefix`: how its bearer tokens begin.
    - `logged_as`: how the log names it.
    """

    name: str
    people: bool = False
    bound_by_rights: bool = True
    sees_everybody: bool = False
    may_set: frozenset[Guard] = frozenset()
    may_set_by_rights: frozenset[Guard] = frozenset()
    names_customer: bool = False
    presents: CredentialForm | None = None
    prefix: str = ""
    logged_as: LogNaming | None = None

    @property
    def plural(self) -> str:
        """The name of several callers, as documents and refusals say it."""
        return f"{self.name}s"

    @property
    def complete(self) -> bool:
        """Whether it says what every kind must that may use a resource."""
        return self.presents is not None and self.logged_as is not None


INTEGRATION = CallerKind(
    name="integration",
    may_set_by_rights=frozenset({Guard.answering}),
    presents=CredentialForm.headers,
    logged_as=LogNaming("triggered_by_integration", "activation"),
)
"""A program: an activation of a service version."""

ADMINISTRATOR = CallerKind(
    name="administrator",
    people=True,
    bound_by_rights=False,
    sees_everybody=True,
    may_set=frozenset({Guard.people, Guard.answering}),
    presents=CredentialForm.token,
    prefix="pvk_ad_",
    logged_as=LogNaming("triggered_by_organization_user", "holder", as_user=True),
)
"""Somebody who works for a customer."""

OPERATOR = CallerKind(
    name="operator",
    people=True,
    bound_by_rights=False,
    sees_everybody=True,
    may_set=frozenset({Guard.people, Guard.answering}),
    names_customer=True,
    presents=CredentialForm.token,
    prefix="pvk_op_",
    logged_as=LogNaming("triggered_by_operator", "holder"),
)
"""Somebody who runs the platform."""

PEOPLE = (ADMINISTRATOR, OPERATOR)
USUAL_CALLERS = (INTEGRATION, *PEOPLE)
"""Who may use a customer's resource that doesn't say: these, and no kind that is added."""

CALLER_KINDS: dict[str, CallerKind] = {kind.name: kind for kind in USUAL_CALLERS}
"""All kinds, by name."""


def log_entry(name: str) -> LogNaming:
    """How the log names a caller of the kind with this name.

    Raises `DeclarationError` for one of which it isn't said: nobody else is named instead.
    """
    kind = CALLER_KINDS.get(name)
    if kind is None or kind.logged_as is None:
        raise DeclarationError(f"How the log names the caller {name!r} isn't said ({__name__}).")
    return kind.logged_as
