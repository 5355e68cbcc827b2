"""What is kept of the past of a resource's items."""

from enum import Enum


class Keeps(Enum):
    """How much is kept.

    - `events`: each write leaves an event in the ledger.
    - `versions`: events, and every version of an item, so that it is read as of a past moment.
    - `log`: rows are only ever added, by our own work, and outlive what they name: they have no
      foreign keys, and the database refuses to change or delete one.
    - `nothing`: what is changed is gone.
    """

    events = "events"
    versions = "versions"
    log = "log"
    nothing = "nothing"
