"""What happened to the platform's own items, in the order in which it was committed."""

from portvakt.resources import event_log
from portvakt.schema.fields import Reference
from portvakt.schema.keeping import Keeps
from portvakt.schema.operations import Operation
from portvakt.schema.resource import Resource

RESOURCE = Resource(
    declared_in=__name__,
    path="/platform/ledgerentry/",
    description="What happened to the platform's own items, in the order of the commits.",
    fields=(
        *event_log.SHARED,
        Reference(
            "triggered_by_operator",
            target="platform.operator",
            read_only=True,
            description="The operator who did it.",
        ),
        *event_log.SEAL,
    ),
    checks=event_log.UNIQUE,
    operations=(Operation.list, Operation.get),
    actions=event_log.ACTIONS,
    listing=event_log.LISTING,
    platform=True,
    keeps=Keeps.log,
)
