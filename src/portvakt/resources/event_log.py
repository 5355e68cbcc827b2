"""The fields that the two event logs share: customers' and the platform's."""

from portvakt.schema import fields
from portvakt.schema.fields import Integer, Object, Reference, Text, Uuid
from portvakt.schema.query import Order
from portvakt.schema.resource import Unique

OBJECT_ID = Uuid("object_id", read_only=True, nullable=False, description="The item.")
CONTENT_TYPE = Reference(
    "content_type",
    target="platform.contenttype",
    read_only=True,
    nullable=False,
    description="What kind of item it is.",
)
EVENT_IDENTIFIER = Text(
    "event_identifier",
    read_only=True,
    nullable=False,
    max_length=255,
    description=(
        "What happened, such as `accounts.tenant.instancecreated`, `.instanceupdated` or "
        "`.instancedeleted`; of a person also `.instanceerased`."
    ),
)
EVENT_CONTEXT = Object(
    "event_context",
    read_only=True,
    nullable=False,
    default={},
    description="`revision`: which revision it made; `pk`: the id of an item that was deleted.",
)
SHARED = (
    fields.ID,
    OBJECT_ID,
    CONTENT_TYPE,
    EVENT_IDENTIFIER,
    fields.CREATED_AT,
    EVENT_CONTEXT,
)
SEAL = (
    Integer("position", internal=True, nullable=False, minimum=1),
    Integer("event_revision", internal=True, nullable=False, minimum=1),
    Text("hash", internal=True, nullable=False, min_length=64, max_length=64),
)
"""The place in the chain, which event it is, and the link to the one before."""

ORDER = (Order("position"),)
UNIQUE = (Unique(("position",)), Unique(("object_id", "content_type", "event_revision")))
