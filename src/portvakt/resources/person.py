"""The fields that persons share: tenants, sub-tenants, organization users, protected identities.

Functions rather than values where the resources differ in what they print.
"""

from portvakt.schema.actions import Action, Answers
from portvakt.schema.caller_kinds import PEOPLE
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Boolean, Date, Object, Objects, Reference, Text, Time
from portvakt.schema.identifiers import (
    MAILBOX,
    ORGANIZATION_NUMBER,
    PERSONAL_NUMBER,
    TELEPHONE,
)
from portvakt.schema.rights import Guard
from portvakt.schema.rules import AtLeastOneOf

NAMES = ("first_name", "last_name", "corporate_name")

NAME_FIELDS = tuple(Text(name, max_length=255, personal=True) for name in NAMES)
NAMED = AtLeastOneOf(NAMES)

EMAIL, INVOICE_EMAIL = (
    Text(name, max_length=254, format="email", identifier=MAILBOX, personal=True)
    for name in ("email", "invoice_email")
)
PHONE_NUMBER = Text(
    "phone_number",
    max_length=36,
    pattern=r"^\+?1?\d{7,15}$",
    identifier=TELEPHONE,
    personal=True,
)

SSN = Text(
    "ssn", min_length=12, max_length=13, format="luhn", identifier=PERSONAL_NUMBER, personal=True
)
SSN_IS_COORDINATION_NUMBER = Boolean(
    "ssn_is_coordination_number", nullable=False, default=False, personal=True
)
ORG_NO = Text(
    "org_no",
    min_length=10,
    max_length=11,
    format="luhn",
    identifier=ORGANIZATION_NUMBER,
    personal=True,
)
GLN13_NUMBER = Text("gln13_number", min_length=13, max_length=14, format="gln13", personal=True)
SNI_NUMBER = Text("sni_number", max_length=6, digested=True)
FMI = Text("fmi", min_length=17, max_length=20, personal=True)
BIRTH_DATE = Date("birth_date", personal=True)

POPULAR_NAME = Text("popular_name", max_length=255, personal=True)
ANONYMIZATION_NAME = Text("anonymization_name", max_length=255, personal=True)
USERNAME = Text(
    "username",
    read_only=True,
    min_length=8,
    max_length=150,
    pattern=r"^[\w.@+-]+\Z",
    personal=True,
)
UNIQUE = (Unique(("username",)),)
PROFILE_PICTURE = Object("profile_picture", personal=True)

DISTRIBUTION_INSTRUCTIONS = tuple(
    Objects(f"{what}_distribution_instruction", personal=True)
    for what in ("debt", "reminder", "invoice", "send_out")
)

CUSTOM_ID = Text("custom_id", max_length=128, digested=True)
"""The customer's own key of a person leads to the person: it is no evidence, and is erased."""

SHARING = Boolean(
    "allows_external_personal_information_sharing",
    guarded=Guard.answering,
    description="If false, no integration sees the person's personal information.",
)


def flag(name: str, *, default: bool = False) -> Boolean:
    """A boolean that is never null."""
    return Boolean(name, nullable=False, default=default)


def address(name: str) -> Reference:
    """Where the person lives, lived or will live."""
    return Reference(name, target="common.address", personal=True)


def blocked(name: str) -> Objects:
    """What the person is not to be notified of."""
    return Objects(name, nullable=False, default=[], digested=True)


ERASE = Action(
    name="erase",
    tail="{pk}/erase/",
    title="Erase",
    description=(
        "Erases a person for good, for administrators and operators: whatever is personal is "
        "taken away, what belongs to the person alone is deleted, and the key is destroyed by "
        "which events could be compared with guesses. Answers, decisions and the ledger stay, "
        "without telling who it was. Nothing personal can be stored of the person again. If the "
        "person is erased already, nothing changes."
    ),
    success="What is left of the person",
    answer=(
        Text(
            "outcome",
            nullable=False,
            options=("erased", "unchanged"),
            description="Whether there was anything left to erase.",
        ),
        Time("erased_at", nullable=False, description="When the person was erased."),
        Object(
            "removed",
            nullable=False,
            description="How many items were deleted with the person, by their resource.",
        ),
    ),
    writes=True,
    callers=PEOPLE,
)
EXPORT = Action(
    name="export",
    tail="{pk}/export/",
    title="Export",
    description=(
        "Tells everything that is held about a person, for administrators and operators: the item, "
        "what refers to it, every answer with its history, what is decided for each activation, "
        "and what the ledger tells of it. As JSON, or as a page to who accepts HTML."
    ),
    success="Everything about the person",
    method="GET",
    answer=(
        Object("head", nullable=False, description="Of whom, of which kind, and when it was read."),
        Object("person", nullable=False, description="The person's item."),
        Objects(
            "items",
            nullable=False,
            description="Items that refer to the person or belong to it: `resource`, `as`, `item`.",
        ),
        Objects(
            "answers",
            nullable=False,
            description=(
                "Every answer that the person gave: `id`, `item` (null where it was deleted or is "
                "another person's now) and `history`."
            ),
        ),
        Objects(
            "decisions",
            nullable=False,
            description=(
                "For each activation: `integration`, `application`, `service`, and what is decided."
            ),
        ),
        Objects("history", nullable=False, description="The revisions of the person's item."),
    ),
    answers_with=Answers.page,
    callers=PEOPLE,
)
RIGHTS = (ERASE, EXPORT)
"""What a person may ask for (GDPR, articles 15 to 20)."""
