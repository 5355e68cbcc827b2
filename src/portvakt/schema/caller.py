"""Whose rows a statement may touch: the caller, reduced to what SQL needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from typing import Any, NamedTuple

from portvakt.schema.caller_kinds import INTEGRATION, CallerKind
from portvakt.schema.decision import NO_CONSENT, AcceptedAnswers, ConsentTerms, accepted_answers
from portvakt.schema.resource import Resource
from portvakt.schema.rights import ALL_ROWS, RIGHTS


class Recheck(Enum):
    """What a statement re-checks of its caller, so that nothing verified can outlive its end."""

    none = "nothing: our own work, in which no caller is involved"
    credential = "an integration's credential, its activation and its customer"
    token = "a person's bearer token"  # noqa: S105 - not a password

    # There is one object of each; the enumeration's own is made in Python, for each look-up.
    __hash__ = object.__hash__


class RowAccess(NamedTuple):
    """What the text of a statement on one resource depends on of its caller.

    - `of_application`: only rows of the caller's application, where the resource's are of one.
    - `level`: the content type of the object that the rows must belong to; None: no such bound.
    - `about_activation`: only rows about the caller's own activation, where the resource says how
      they are.
    - `accepted_answers`: the answers with which the caller sees a person's information; None:
      everything.
    - `connected`: only items that the caller's application holds an id connection of.
    """

    recheck: Recheck = Recheck.none
    of_application: bool = False
    level: str | None = None
    about_activation: bool = False
    accepted_answers: AcceptedAnswers | None = None
    connected: bool = False


UNBOUNDED = RowAccess()
"""Every row of the customer: for our own work."""

_ALL: frozenset[str] = frozenset(RIGHTS)
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: whose data, by which claims, and what each statement re-checks of them.

    That is the credential (or token) and activation that were verified, with the revisions at
    which they were; so nothing that was verified needs to be invalidated.

    - `kind`: what is so of all callers of its kind.
    - `customer`: whose data; "" for work on the platform alone.
    - `credential`, `credential_revision`: the verified credential or token.
    - `holder`: the operator or administrator who holds the token.
    - `application`: the caller's application; "" for people, who see every application's rows.
    - `level`, `object`: the object that the activation is on, by content type and id; None and ""
      where the whole customer is in reach.
    - `networks`: where the activation may be called from; None: from anywhere.
    - `connected`: whether only items that are connected with an id of its own are in reach.
    - `rights`: what a caller that is bound by rights may do, by `app.model`.
    - `consent_terms`: what decides of an integration's activation whose personal information it
      sees.
    """

    customer: str
    application: str = ""
    service: str = ""
    service_version: str = ""
    activation: str = ""
    activation_revision: int = 0
    credential: str = ""
    credential_revision: int = 0
    level: str | None = None
    object: str = ""
    recheck: Recheck = Recheck.none
    rights: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    kind: CallerKind = INTEGRATION
    holder: str = ""
    consent_terms: ConsentTerms = NO_CONSENT
    networks: tuple[IPv4Network | IPv6Network, ...] | None = None
    connected: bool = False
    _known: dict[tuple[str, bool], RowAccess] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    values: dict[str, Any] = field(init=False, repr=False, compare=False)
    """The values of statements' parameters that tell who calls, by name."""

    def __post_init__(self) -> None:
        values = {
            "true": True,
            "caller_customer": self.customer or None,
            "caller_application": self.application,
            "caller_activation": self.activation or None,
            "caller_strict": self.consent_terms.strict,
            "caller_object": self.object,
            "caller_credential": self.credential,
            "caller_credential_revision": self.credential_revision,
            "caller_activation_revision": self.activation_revision,
        }
        object.__setattr__(self, "values", values)

    def rights_to(self, resource: Resource) -> frozenset[str]:
        """The rights that the caller has to a resource."""
        if self.kind.bound_by_rights:
            return self.rights.get(resource.name, _NONE)
        return _ALL

    def access(self, resource: Resource, *, rechecked: bool = False) -> RowAccess:
        """The access to one resource's rows; `rechecked`: the statement re-checks the caller."""
        known = self._known.get((resource.name, rechecked))
        if known is None:
            known = self._known[resource.name, rechecked] = self._access(
                resource, rechecked=rechecked
            )
        return known

    def _access(self, resource: Resource, *, rechecked: bool) -> RowAccess:
        return RowAccess(
            recheck=self.recheck if rechecked else Recheck.none,
            of_application=bool(self.application),
            level=self.level,
            about_activation=ALL_ROWS not in self.rights_to(resource),
            accepted_answers=None
            if self.kind.sees_everybody
            else accepted_answers(self.consent_terms),
            connected=self.connected,
        )
