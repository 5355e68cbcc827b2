"""One person's yes or no to one integration seeing their personal information."""

from portvakt.schema import fields
from portvakt.schema.actions import Action, Answers
from portvakt.schema.decision import Reason
from portvakt.schema.fields import Boolean, Integer, Object, Objects, Reference, Text, Time, Uuid
from portvakt.schema.keeping import Keeps
from portvakt.schema.lookups import LookUp
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import RefersTo
from portvakt.schema.privacy import AnswerFields, NoticeReference
from portvakt.schema.resource import Resource
from portvakt.schema.rows import AboutActivation, Connected, Within
from portvakt.schema.rules import exactly_one_of
from portvakt.schema.transitions import Resets

_KINDS = ("tenant", "sub_tenant", "organization_user")
_GIVEN = ("method", "expires_at", "on_behalf_of")
"""How an answer was given, until when, and by whom."""
_ASKING = Reference(
    "integration",
    target="accounts.integrationuseragent",
    description=(
        "The integration that is asked about. One that leaves it out asks about itself; people "
        "have to say it."
    ),
)
_PERSONS = (
    Reference("tenant", target="accounts.tenant", description="The person, a tenant."),
    Reference("sub_tenant", target="accounts.subtenant", description="The person, a sub-tenant."),
    Reference(
        "organization_user",
        target="accounts.organizationuser",
        description="The person, an organization user.",
    ),
)
_AS_OF = Time(
    "_as_of",
    description=(
        "Tell what was decided at this past moment, also of persons and integrations that were "
        "deleted since; the future means now. Integrations are told of persons whom they reach "
        "now, people of all: whom an integration reached then is not looked at."
    ),
)
_DECISION = (
    Boolean("allowed", nullable=False, description="Whether the integration may see it."),
    Text(
        "reason",
        nullable=False,
        options=tuple(reason.name for reason in Reason),
        description="Why it is decided so.",
    ),
    Reference(
        "answer",
        target="integrations.answeredintegrationpersonalinformationaccess",
        description="The person's answer that counts, if there is one: null once it is over.",
    ),
    Integer("revision", description="The revision at which that answer was given."),
    Time("since", description="When that answer was given."),
    Integer("mode", options=(0, 1, 2), description="The activation's acceptance mode."),
)

RECEIPT = Action(
    name="receipt",
    tail="{pk}/receipt/",
    title="Receipt",
    description=(
        "Gives a receipt of the answer in the terms of ISO/IEC TS 27560:2023, as canonical "
        "JSON (RFC 8785) signed by Ed25519. Kept to the byte, it can be verified anywhere."
    ),
    success="The signed receipt",
    method="GET",
    answer=(
        Text("schema_version", nullable=False),
        Uuid("record_id", nullable=False, description="The answer."),
        Uuid("pii_principal_id", nullable=False, description="The person."),
        Object("pii_processing", nullable=False, description="Purposes and the notice."),
        Objects("party_identification", nullable=False, description="Who is involved."),
        Objects("event", nullable=False, description="What was answered, and when."),
        Object(
            "portvakt",
            nullable=False,
            description="The revision, until when it counts, and its place in the ledger.",
        ),
        Text("key", nullable=False, description="The public key."),
        Text("signature", nullable=False, description="Of everything else."),
    ),
    answers_with=Answers.object,
)
CHECK = Action(
    name="check",
    tail="/integrations/decision/check/",
    title="Check",
    description=(
        "Tells whether an integration may see a person's personal information now, and "
        "why. An integration asks for itself, people for any. What isn't there or isn't "
        "reached by the integration is denied as unknown."
    ),
    success="What is decided",
    method="GET",
    query=(_ASKING, *_PERSONS, _AS_OF),
    asking=_ASKING.name,
    rules=exactly_one_of(*_KINDS),
    answer=_DECISION,
    answers_with=Answers.object,
)
CHECK_MANY = Action(
    name="check_many",
    tail="/integrations/decision/check/",
    title="Check many",
    description="Tells the same of each pair of an integration and a person.",
    success="What is decided of each pair, in order",
    query=(_AS_OF,),
    body=(_ASKING, *_PERSONS),
    asking=_ASKING.name,
    rules=exactly_one_of(*_KINDS),
    answer=_DECISION,
    answers_with=Answers.array,
    each=True,
)
ACCESSIBLE = Action(
    name="accessible",
    tail="/integrations/decision/accessible/",
    title="Accessible",
    description=(
        "Tells the ids of all persons of a kind whose personal information an integration "
        "may see now, as lines of JSON, in the order of the ids."
    ),
    success="The persons, one a line",
    method="GET",
    query=(
        Text("kind", required=True, options=_KINDS, description="Which persons to look at."),
        _ASKING,
        _AS_OF,
    ),
    asking=_ASKING.name,
    answer=(fields.ID,),
    answers_with=Answers.lines,
)

RESOURCE = Resource(
    declared_in=__name__,
    path="/integrations/answeredintegrationpersonalinformationaccess/",
    description=(
        "One person's yes or no to one integration seeing their personal information. "
        "The latest write decides for a person and an integration."
    ),
    fields=(
        fields.ID,
        Boolean(
            "answer",
            required=True,
            nullable=False,
            description="Whether the person allows the integration to see their information.",
        ),
        Reference(
            "answered_by_organization_user",
            target="accounts.organizationuser",
            description="The organization user who answered.",
        ),
        Reference(
            "answered_by_tenant",
            target="accounts.tenant",
            description="The tenant who answered.",
        ),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        Reference(
            "integration",
            target="accounts.integrationuseragent",
            required=True,
            nullable=False,
            description="The integration that the answer is about.",
        ),
        fields.CUSTOM_ID,
        Reference(
            "answered_by_sub_tenant",
            target="accounts.subtenant",
            description="The sub-tenant who answered.",
        ),
        Reference(
            "notice",
            target="integrations.notice",
            additive=True,
            description="What the person was told. It is about this integration or about all.",
        ),
        Text(
            "method",
            options=("portal", "paper", "phone", "import", "api"),
            additive=True,
            description="How the answer was given.",
        ),
        Time(
            "expires_at",
            additive=True,
            description="From then on the answer counts as not given.",
        ),
        Text(
            "on_behalf_of",
            min_length=1,
            max_length=255,
            additive=True,
            digested=True,
            description="Who spoke for the person, such as a guardian.",
        ),
    ),
    checks=(
        # In this order the sentences name the other fields as the reference does.
        *exactly_one_of(
            "answered_by_tenant", "answered_by_organization_user", "answered_by_sub_tenant"
        ),
        LookUp("notice", "integrations.notice", agrees=(("integration", "integration"),)),
        # How an answer was given, and until when, says nothing of another one. A notice about the
        # integration before is refused by its look-up: who moves an answer says what was told.
        Resets(
            on=("answer", *(f"answered_by_{kind}" for kind in _KINDS)),
            fields=("notice", *_GIVEN),
        ),
        Resets(on=("integration",), fields=_GIVEN),
    ),
    rows=(
        AboutActivation("integration"),
        Within(
            RefersTo("answered_by_tenant"),
            RefersTo("answered_by_sub_tenant"),
            RefersTo("answered_by_organization_user"),
        ),
        Connected("answered_by_tenant", "answered_by_sub_tenant", "answered_by_organization_user"),
    ),
    privacy=AnswerFields(
        answer="answer",
        integration="integration",
        persons=tuple((kind, f"answered_by_{kind}") for kind in _KINDS),
        table="integrations_decision",
        expires="expires_at",
        notice=NoticeReference("notice", "version", "material_change", "integration"),
        given=("method",),
    ),
    keeps=Keeps.versions,
    operations=ALL_OPERATIONS,
    actions=(RECEIPT, CHECK, CHECK_MANY, ACCESSIBLE),
)
