"""The fields that the two event logs share: customers' and the platform's."""

from portvakt.resources.content_types import content_type
from portvakt.schema import fields
from portvakt.schema.actions import Action, Answers
from portvakt.schema.caller_kinds import PEOPLE
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Integer, Object, Text, Time, Uuid
from portvakt.schema.query import ListDefaults, Order

OBJECT_ID = Uuid("object_id", read_only=True, nullable=False, description="The item.")
CONTENT_TYPE = content_type(
    "content_type",
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

LISTING = ListDefaults((Order("position"),))
UNIQUE = (Unique(("position",)), Unique(("object_id", "content_type", "event_revision")))

CHECKPOINT = Action(
    name="checkpoint",
    tail="checkpoint/",
    title="Checkpoint",
    description=(
        "Gives the signed end of the ledger, for administrators and operators to keep "
        "elsewhere: it proves later that nothing before it was changed or cut off."
    ),
    success="The signed end of the ledger",
    method="GET",
    answer=(
        Text("kind", nullable=False),
        Uuid("customer", nullable=False, description="Whose ledger; of zeros: the platform's."),
        Integer("position", nullable=False, description="The last event's place."),
        Text("hash", nullable=False, description="The last link's."),
        Time("at", nullable=False, description="When it was sealed."),
        Text("key", nullable=False, description="The public key."),
        Text("signature", nullable=False, description="Of everything else."),
    ),
    answers_with=Answers.object,
    callers=PEOPLE,
)
LEDGER = Action(
    name="ledger",
    tail="ledger/",
    title="Ledger",
    description=(
        "Gives the whole ledger, for administrators and operators, as lines of JSON that "
        "`portvakt ledger verify` reads: one event a line, the signed end last."
    ),
    success="The events, one a line",
    method="GET",
    answer=(Object("line", nullable=False),),
    answers_with=Answers.lines,
    callers=PEOPLE,
)
ACTIONS = (CHECKPOINT, LEDGER)
"""What people may have of a ledger besides its items."""
