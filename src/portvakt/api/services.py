"""What all requests of a server process share, made once by `create_app`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from portvakt.access.addresses import Proxies
from portvakt.access.authentication import Authenticator
from portvakt.access.credentials import Keys
from portvakt.access.passwords import Passwords
from portvakt.api.body import Bounds
from portvakt.api.limits import Limits
from portvakt.api.memory_budget import MemoryBudgets
from portvakt.api.streaming import Streams
from portvakt.ledger.chain import Signer
from portvakt.storage.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """What a request is answered with.

    - `authenticator`: tells who asks. `proxies`: who is believed that says where it is asked from.
    - `keys`, `passwords`: what secrets are hashed with.
    - `signer`: signs what is proven later; None where no key is set.
    - `limits`, `bounds`, `memory`: how large requests may be, each and all together.
    - `streams`: the places for answers that are sent while they are read.
    - `idempotency_lasts`: how long what was done under an idempotency key is kept.
    - `clock` gives clean times, `new_id` the ids of new items.
    """

    store: Store
    authenticator: Authenticator
    proxies: Proxies
    keys: Keys
    passwords: Passwords
    signer: Signer | None
    limits: Limits
    bounds: Bounds
    memory: MemoryBudgets
    streams: Streams
    idempotency_lasts: timedelta
    clock: Callable[[], str]
    new_id: Callable[[], str]
