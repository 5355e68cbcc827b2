"""Whose rows a statement may touch: the caller, reduced to what SQL needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The customer, the caller's claims and the proof that they still hold.

    The proof is the credential and activation that were verified, with the revisions at which
    they were; each statement re-checks them, so that nothing verified needs to be invalidated.
    """

    customer: str
    application: str
    service: str
    service_version: str
    activation: str
    activation_revision: int
    credential: str
    credential_revision: int
