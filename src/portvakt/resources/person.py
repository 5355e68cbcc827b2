"""The fields that persons share: tenants, sub-tenants, organization users, protected identities.

Functions rather than values where the resources differ in what they print.
"""

from portvakt.schema.fields import Boolean, Date, Object, Objects, Reference, Text
from portvakt.schema.resource import Unique
from portvakt.schema.rights import Guard
from portvakt.schema.rules import AtLeastOneOf

NAMES = ("first_name", "last_name", "corporate_name")

NAME_FIELDS = tuple(Text(name, max_length=255, personal=True) for name in NAMES)
NAMED = AtLeastOneOf(NAMES)

EMAIL = Text("email", max_length=254, format="email", personal=True)
INVOICE_EMAIL = Text("invoice_email", max_length=254, format="email", personal=True)
PHONE_NUMBER = Text("phone_number", max_length=36, pattern=r"^\+?1?\d{7,15}$", personal=True)

SSN = Text("ssn", min_length=12, max_length=13, format="luhn", personal=True)
SSN_IS_COORDINATION_NUMBER = Boolean(
    "ssn_is_coordination_number", nullable=False, default=False, personal=True
)
ORG_NO = Text("org_no", min_length=10, max_length=11, format="luhn", personal=True)
GLN13_NUMBER = Text("gln13_number", min_length=13, max_length=14, format="gln13", personal=True)
SNI_NUMBER = Text("sni_number", max_length=6)
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
    return Objects(name, nullable=False, default=[])
