"""What persons are told before they answer: one version of it, in one language."""

from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import Boolean, Integer, Reference, Text
from portvakt.schema.keeping import Keeps
from portvakt.schema.operations import ALL_OPERATIONS
from portvakt.schema.paths import RefersTo, Unassigned
from portvakt.schema.resource import Resource
from portvakt.schema.rows import AboutActivation, Connected, Within
from portvakt.schema.transitions import Fixed

_LANGUAGE = (
    r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*$"
)

_SAID = ("integration", "version", "language", "text", "material_change")

RESOURCE = Resource(
    declared_in=__name__,
    path="/integrations/notice/",
    description=(
        "What persons are told before they answer, in one version and language. It never changes: "
        "a change is a new version. An answer may name the notice that it was given to."
    ),
    fields=(
        fields.ID,
        Reference(
            "integration",
            target="accounts.integrationuseragent",
            description="The integration that the notice is about; null: all of the customer's.",
        ),
        Integer("version", required=True, nullable=False, minimum=1),
        Text(
            "language",
            required=True,
            nullable=False,
            max_length=35,
            pattern=_LANGUAGE,
            description="A tag such as `sv`, `en-GB` or `zh-Hant` (BCP 47, in its usual writing).",
        ),
        Text(
            "text",
            required=True,
            nullable=False,
            min_length=1,
            max_length=100_000,
            description="What persons are told.",
        ),
        Boolean(
            "material_change",
            nullable=False,
            default=False,
            description=(
                "Whether what older versions say isn't enough any more: where only a yes counts, "
                "answers to them count as not given."
            ),
        ),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    checks=(
        Unique(("integration", "version", "language")),
        Unique(("version", "language"), without="integration"),
        Fixed(_SAID),
    ),
    rows=(
        AboutActivation("integration"),
        Within(RefersTo("integration"), Unassigned("integration")),
        Connected(),
    ),
    keeps=Keeps.versions,
    operations=ALL_OPERATIONS,
)
