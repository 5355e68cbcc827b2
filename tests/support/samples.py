"""Random bodies and queries, full of what databases and programs tend to disagree about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, cast
from uuid import uuid4

from hypothesis import strategies as st

from portvakt.schema.fields import (
    INT32,
    Field,
    Integer,
    Networks,
    Number,
    Reference,
    References,
    Rights,
    Text,
)
from portvakt.schema.operators import OPERATORS, Kind, Operand
from portvakt.schema.query import Filter, Order
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.transitions import Fixed
from portvakt.schema.validation import merge, merged_faults, parse_body
from tests.support import naive
from tests.support.stores import (
    ACTIVATION,
    ADDRESS,
    APARTMENT,
    NOTICE,
    ORGANIZATION,
    TENANT,
    Customer,
    activation,
    moment,
    ref,
)

Item = dict[str, Any]

LETTERS = [
    *"aAbBzZ019",
    *"ÅåÄäÖöÉé",
    *"İıſßẞ",  # letters whose case is not one to one
    *"ΣσςµÅKǅ",  # noqa: RUF001 (and more of them)
    *(
        "e\u0301",
        "A\u030a",
        "\u212b",
        "s\u0323\u0307",
        "\u01f0",
        "\u1fb3\u0301",
    ),  # the same in parts
    "\u0301",
    *"%_\\*[]?^",  # what patterns are written with
    *"'\"`;,&$",
    " ",
    "\t",
    "\n",
    "\u00a0",
    "\ue000",  # sorts differently in UTF-16
    "\uffff",
    "😀",
    "🇸🇪",
    "\U0010ffff",
]
WORDS = [
    "",
    "Åsa",
    "A\u030asa",
    "\u212bsa",
    "ÅSA",
    "åsa",
    "Straße",
    "STRASSE",
    "İstanbul",
    "istanbul",
    "100%",
    "a_b",
    "a\\b",
]


def text(random: Random, longest: int | None, shortest: int = 0) -> str:
    """A text; many are short, so that equal ones and parts of others occur; a few are very long."""
    longest = longest or 2000
    dice = random.random()
    if dice < 0.3:
        made = random.choice(WORDS)
    elif dice < 0.33:
        made = "".join(random.choice("åÅ😀x") for _ in range(longest))
    else:
        made = "".join(random.choice(LETTERS) for _ in range(random.randint(0, 6)))
    return made[:longest].ljust(shortest, "x")


def value(  # noqa: PLR0911 (one a kind)
    random: Random, field: Field, ids: Mapping[str, Sequence[str]]
) -> Any:
    """A JSON value that the field accepts, not null. `ids`: of items, by resource."""
    if isinstance(field, Reference):
        return ref(random.choice(ids[field.target]))
    if isinstance(field, References):
        known = ids[field.target]
        return [ref(pk) for pk in random.sample(known, random.randint(0, len(known)))]
    if isinstance(field, Integer):
        return random.choice(field.options or (field.minimum, field.maximum, 1, 2, 3))
    if isinstance(field, Number):
        return random.choice((field.minimum, field.maximum, 0, -0.0, 1e-7, random.uniform(-90, 90)))
    if isinstance(field, Text):
        return formed(random, field)
    if isinstance(field, Rights | Networks):
        return random.choice(RIGHTS if isinstance(field, Rights) else NETWORKS)
    return random.choice(CHOICES[field.kind]) if field.kind in CHOICES else str(uuid4())


ENDS = (
    *("0001-01-01T00:00:00.000000Z", "0001-01-01T00:00:00.000001Z"),
    *("9999-12-31T23:59:59.999998Z", "9999-12-31T23:59:59.999999Z"),
)
"""The first and the last moments that can be said, and those beside them."""

FREE: tuple[Item, ...] = ({}, {"a": [1, None, "å"]}, {"null": None}, {"😀": {"b": 1.5, "a": True}})
CHOICES: dict[Kind, Sequence[Any]] = {
    Kind.boolean: (True, False),
    Kind.time: [*(moment(second) for second in range(-3, 4)), *ENDS],
    Kind.date: ["0001-01-01", "1969-12-31", "2024-02-29", "2026-11-23", "9999-12-31"],
    Kind.object: FREE,
    Kind.objects: [[], [{}], *([one, {"b": "\\"}] for one in FREE)],
    Kind.anything: [*FREE, [], [1], "å", "", 0, -1.5, True, False],
    Kind.texts: [[], ["å"], ["b", "a"], ["a", "B", ""]],
}
"""Values of the kinds that have no limits."""
RIGHTS: tuple[Item, ...] = ({}, {TENANT.name: ["read", "all"]}, {"any.thing": []})
NETWORKS: tuple[list[str], ...] = ([], ["192.0.2.7/32"], ["198.51.100.0/24", "2001:db8::/32"])

DIGITS = "0123456789"


def formed(random: Random, field: Text) -> str:
    """A text of the form that the field demands."""
    if field.options:
        return random.choice(field.options)
    if field.format:
        longest = field.max_length or 100
        return random.choice(
            [text for text in FORMED[field.format] if field.min_length <= len(text) <= longest]
        )
    if field.pattern:
        assert field.pattern in MATCHING, f"Texts that match {field.pattern} belong into MATCHING."
        return random.choice(MATCHING[field.pattern])
    return text(random, field.max_length, field.min_length)


FORMED = {
    "email": [
        *("a@example.se", "a@EXAMPLE.se", "A@example.se", "Å.Ö@example.com"),
        *("x_y@b.example.org", "å@åkerö.example.se", "å@ÅKERÖ.example.se"),
    ],
    "luhn": [
        *("121212-1212", "1212121212", "5560160680", "556016-0680"),
        *("20121212-1212", "201212121212", "191212121212", "19121212+1212"),
    ],
    "gln13": ["7350053850019", "07350053850019"],
}
"""Examples of each format. The numbers are those that documentation shows."""

SPELT = {
    "personal_number": ["121212-1212", "121212+1212", "1212121212", "20121212 1212"],
    "organization_number": ["SE556016068001", "165560160680", "16121212-1212", "201212121212"],
    "telephone": ["070-174 06 05", "+46 (0)70-174 06 05", "0701740699", "+46 8 465 004 00"],
    "mailbox": ["a@Example.SE", "å@A\u030aKERO\u0308.example.se", "A@EXAMPLE.SE"],
}
"""Other spellings of the examples above, as people write them."""

STREET = cast("Text", ADDRESS.by_name["street"])
LANGUAGE = cast("Text", NOTICE.by_name["language"])
MATCHING: dict[str | None, list[str]] = {
    r"^\+?1?\d{7,15}$": [
        *("0701740605", "+46701740605", "46701740605", "0046701740605", "+460701740605"),
        *("701740605", "+46701740699", "46846500400", "08465004005"),
    ],
    r"^(0007|0088):\d{10,13}$": ["0007:5560160680", "0088:7350053850019"],
    STREET.pattern: ["Påhittade vägen", "S:t Nils 2", "PÅHITTADE VÄGEN"],
    r"^\d+(-\d+)*[A-Za-zÅÄÖåäö]*$": ["1", "12A", "3-5b"],
    r"^[\w.@+-]+\Z": ["sagofigur", "asa.oberg@example.se"],
    LANGUAGE.pattern: ["sv", "en-GB", "zh-Hant", "se-FI"],
    r"^[A-Za-z0-9 \-]{3,10}$": ["123 45", "12345", "SE-123"],
}
"""Texts that match each pattern."""


def body(random: Random, resource: Resource, customer: Customer) -> Item:
    """A body that creates an item, which may still change: it has taken no step of a transition."""
    generic = {name for pair in resource.generic_references for name in pair}
    fixed = generic | {rule.field for rule in resource.transitions if not isinstance(rule, Fixed)}
    while True:
        made = {
            field.name: value(random, field, customer.ids)
            for field in resource.writable
            if field.name not in fixed and (not field.nullable or random.random() < 0.6)
        }
        for kind, pk in resource.generic_references:
            if not resource.by_name[kind].nullable or random.random() < 0.6:
                held = random.random() < 0.7
                made[kind] = ref(content_type_id(TENANT.name) if held else APARTMENT)
                made[pk] = random.choice(customer.ids[TENANT.name])
        if resource.name == ACTIVATION.name:
            made |= activated(made, customer)
        parsed = parse_body(resource, made)
        if not parsed.faults and not merged_faults(
            resource, merge(resource, parsed.given, None), set()
        ):
            return made


def activated(made: Item, customer: Customer) -> Item:
    """What an activation has to agree on: the vendor's version of its service, and the level."""
    body = activation(customer.vendor, customer.a(ORGANIZATION), 0)
    names = ("application_id", "service_id", "service_version_id")
    pair = ("activation_content_type", "activation_object_id")
    return {name: body[name] for name in (*names, *(name for name in pair if name in made))}


def bodies(random: Random, resource: Resource, customer: Customer, number: int) -> list[Item]:
    """Bodies that create items; a few may repeat a unique key."""
    return [body(random, resource, customer) for _ in range(number)]


# --- queries -------------------------------------------------------------------------------------


def operands(  # noqa: PLR0911 (one a kind)
    field: Field, stored: Sequence[Any]
) -> st.SearchStrategy[Any]:
    """Clean values to compare the field with: stored ones, their neighbours, and others."""
    if field.kind is Kind.references:
        stored = [pk for ids in stored for pk in ids]
    known = [item for item in dict.fromkeys(stored) if item is not None] if stored else []
    some = st.sampled_from(known) if known else st.nothing()
    if field.kind is Kind.boolean:
        return st.booleans()
    if field.kind in (Kind.uuid, Kind.reference, Kind.references):
        return some | st.just(content_type_id("nothing.known")) | st.uuids().map(str)
    if field.kind is Kind.time:
        return some | st.integers(-5, 5).map(moment) | st.sampled_from(ENDS)
    if field.kind is Kind.date:
        return some | st.dates().map(str)
    if field.kind is Kind.number:
        return some | st.floats(-181, 181).map(lambda number: number + 0.0)
    if field.kind is Kind.integer:
        return some | st.integers(-1, 4) | st.sampled_from(INT32)
    some |= st.sampled_from(SPELT.get(getattr(field, "identifier", None) or "", [""]))
    made = st.lists(st.sampled_from(LETTERS), max_size=3).map("".join) | st.sampled_from(WORDS)
    if not known:
        return made
    parts = st.builds(
        lambda whole, a, b: whole[min(a, b) : max(a, b)], some, st.integers(0, 6), st.integers(0, 6)
    )
    ends = st.builds(lambda whole, a: whole[-a:], some, st.integers(1, 4))
    cased = (some | parts).flatmap(
        lambda whole: st.sampled_from([whole.upper(), whole.lower(), whole.swapcase()])
    )
    return some | parts | ends | cased | made


@st.composite
def filters(draw: st.DrawFn, resource: Resource, items: Sequence[Item]) -> Filter:
    """One filter on any field, with any operator that it has."""
    field = draw(st.sampled_from(resource.visible))
    operator = draw(st.sampled_from(sorted(OPERATORS[field.kind])))
    return Filter(field.name, operator, draw(st.booleans()), draw(operand(field, operator, items)))


def operand(field: Field, operator: str, items: Sequence[Item]) -> st.SearchStrategy[Any]:
    """An operand for the operator."""
    asked = OPERATORS[field.kind][operator].operand
    if asked is Operand.boolean:
        return st.booleans()
    one = operands(field, [item[field.name] for item in items])
    return st.lists(one, max_size=5).map(tuple) if asked is Operand.values else one


@st.composite
def orders(draw: st.DrawFn, resource: Resource) -> tuple[Order, ...]:
    """An order by up to three fields, with `id` at the end."""
    known = st.sampled_from([field.name for field in resource.visible])
    names = draw(st.lists(known, max_size=3, unique=True))
    found = tuple(Order(name, draw(st.booleans())) for name in names)
    return found if "id" in names else (*found, Order("id"))


def words(resource: Resource, items: Sequence[Item]) -> st.SearchStrategy[tuple[str, ...]]:
    """Folded words to search for; never empty, and without spaces, as words are."""
    texts = [f for f in resource.visible if f.kind is Kind.text]
    referring = (Kind.uuid, Kind.reference, Kind.references)
    ids = [f for f in resource.visible if f.kind in referring]
    word = st.one_of(
        *(operands(field, [item[field.name] for item in items]) for field in texts + ids)
    )
    folded = word.map(naive.folded).filter(lambda whole: whole.split() == [whole])
    return st.lists(folded, max_size=3).map(tuple)
