"""What happened to a customer's items, in the order in which it was committed."""

from portvakt.resources import event_log
from portvakt.schema import fields
from portvakt.schema.fields import Reference, Uuid
from portvakt.schema.keeping import Keeps
from portvakt.schema.operations import Operation
from portvakt.schema.paths import OwnActivation, RefersGenerically, RefersTo
from portvakt.schema.resource import Resource
from portvakt.schema.rows import AboutActivation, OfApplication, Within


def _triggered_by(what: str, target: str, whom: str) -> Reference:
    return Reference(
        f"triggered_by_{what}", target=target, read_only=True, description=f"{whom} who did it."
    )


RESOURCE = Resource(
    declared_in=__name__,
    path="/common/eventlog/",
    description=(
        "What happened to which item, in the order in which it was committed, within a second. "
        "A reader that keeps the cursor of the last page that it read sees each event once."
    ),
    fields=(
        *event_log.SHARED,
        _triggered_by("tenant", "accounts.tenant", "The tenant"),
        _triggered_by("sub_tenant", "accounts.subtenant", "The sub-tenant"),
        _triggered_by("organization_user", "accounts.organizationuser", "The organization user"),
        Reference(
            "triggered_by_integration",
            target="accounts.integrationuseragent",
            read_only=True,
            description="The integration that did it.",
        ),
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
        *event_log.SEAL,
        Uuid("application_id", internal=True),
        Uuid("about", internal=True),
    ),
    checks=event_log.UNIQUE,
    rows=(
        OfApplication("application_id", shared=True),
        AboutActivation("about"),
        Within(
            RefersGenerically("content_type", "object_id"),
            RefersTo("organization"),
            OwnActivation("about"),
            OwnActivation("triggered_by_integration"),
        ),
    ),
    operations=(Operation.list, Operation.get),
    actions=event_log.ACTIONS,
    listing=event_log.LISTING,
    keeps=Keeps.log,
)
