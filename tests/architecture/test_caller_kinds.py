"""A kind of caller is one entry, and what the entry doesn't say isn't allowed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from portvakt.access import policy
from portvakt.api.documents.openapi import document, render
from portvakt.api.documents.reference_page import page
from portvakt.errors import DeclarationError, Problem
from portvakt.ledger.seal import triggered_by
from portvakt.resources import load
from portvakt.schema.caller import Caller
from portvakt.schema.caller_kinds import CALLER_KINDS, INTEGRATION, USUAL_CALLERS, CallerKind
from portvakt.schema.registry import Registry
from portvakt.schema.rights import RIGHTS, Guard
from tests.architecture.sources import trees
from tests.support.access_table import without_column
from tests.support.stores import ALL_RIGHTS, TENANT

ASKED = {
    "access/policy.py": {"caller.kind not in callers"},
    "schema/resource.py": {"kind in self.used_by"},
}
"""Where it is asked whether a declaration lists a kind, whichever it is."""

NAMED = re.compile(r"(^|\.)(INTEGRATION|ADMINISTRATOR|OPERATOR|PEOPLE|USUAL_CALLERS|CALLER_KINDS)$")
KIND = re.compile(r"(^|\.)caller\.kind(\.name|\.plural)?$|\['caller'\]$|(^|[._])(used_by|callers)$")
"""What names kinds, and what holds a caller's, its name, or those that a declaration lists."""


def compared(tree: ast.AST) -> Iterator[ast.Compare | ast.Match]:
    """Where a caller's kind is compared with one, instead of being asked what is so of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Match):
            sides = [node.subject]
        else:
            continue
        listed = [
            one
            for side in sides
            if isinstance(side, ast.Tuple | ast.List | ast.Set)
            for one in side.elts
        ]
        told = [ast.unparse(side) for side in (*sides, *listed)]
        named = {side.value for side in (*sides, *listed) if isinstance(side, ast.Constant)}
        if any(NAMED.search(one) or KIND.search(one) for one in told) or (
            named & {*CALLER_KINDS} and any("kind" in one or "caller" in one for one in told)
        ):
            yield node


def test_no_module_tests_for_a_kind_of_caller() -> None:
    """Whatever is so of some kinds is told by their entries."""
    found: dict[str, set[str]] = {}
    for path, tree in trees().items():
        for node in compared(tree):
            found.setdefault(path, set()).add(ast.unparse(node))
    assert found == ASKED


@pytest.mark.parametrize(
    "source",
    [
        "caller.kind == INTEGRATION",
        "context.caller.kind != caller_kinds.OPERATOR",
        "self.caller.kind in (ADMINISTRATOR, OPERATOR)",
        "kind in PEOPLE",
        "kind is INTEGRATION",
        "caller.kind.name == name",
        "kind.name == 'operator'",
        "event['caller'] == 'integration'",
        "OPERATOR in resource.used_by",
        "caller.kind not in action.callers",
        "match caller.kind:\n    case _: pass",
    ],
)
def test_such_a_comparison_would_be_found(source: str) -> None:
    """In whichever form: by identity, by name, among several."""
    assert [*compared(ast.parse(source))]


@pytest.mark.parametrize(
    "source",
    [
        "guard in caller.kind.may_set",
        "caller.kind.presents is None",
        "field.kind is Kind.text",
        "'operator' in holder",
    ],
)
def test_what_an_entry_says_may_be_compared(source: str) -> None:
    """And what is no caller's."""
    assert not [*compared(ast.parse(source))]


def test_a_kind_is_looked_up_by_its_identity() -> None:
    """Its hash is made anew for each caller that is compared, so that it must cost nothing."""
    assert CallerKind.__hash__ is object.__hash__


# -- a kind that is made up -----------------------------------------------------------------------

AUDITOR = CallerKind(name="auditor")
LABELS = [*load().applications]


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> CallerKind:
    """One more entry, which says nothing but its name."""
    monkeypatch.setitem(CALLER_KINDS, AUDITOR.name, AUDITOR)
    return AUDITOR


def declared(**changes: Any) -> Registry:
    """All declarations made anew, those of tenants with changes."""
    known = load()
    made = [replace(one, **(changes if one is TENANT else {})) for one in known.resources.values()]
    return Registry(known.applications.values(), made, known.content_types.values())


def test_nothing_said_is_nobodys_resource(made_up: CallerKind) -> None:
    """No resource is open to it that doesn't name it."""
    registry = declared()
    assert registry.open_to(made_up) == ()
    assert {one for each in registry.offered for one in each.used_by} == {*USUAL_CALLERS}
    for resource in registry.resources.values():
        with pytest.raises(Problem):
            policy.require(Caller("", kind=made_up, rights=ALL_RIGHTS), resource, [])


def test_nothing_said_is_no_right(made_up: CallerKind) -> None:
    """It has those that it was given; but for what the platform offers everybody to read."""
    nothing, some = Caller("", kind=made_up), {TENANT.name: frozenset({"read"})}
    for resource in load().resources.values():
        if not resource.platform:
            assert not any(policy.may(nothing, resource, right) for right in RIGHTS)
            assert nothing.access(resource).about_activation
    assert policy.may(Caller("", kind=made_up, rights=some), TENANT, "read")


def test_nothing_said_is_everybody_masked(made_up: CallerKind) -> None:
    """Whatever its rights are, it sees nobody's personal information."""
    caller = Caller("", kind=made_up, rights=ALL_RIGHTS)
    for resource in load().resources.values():
        assert caller.access(resource).accepted_answers == ()


@pytest.mark.parametrize("guard", Guard)
def test_nothing_said_is_no_guarded_field(made_up: CallerKind, guard: Guard) -> None:
    """Nor by the rights by which an integration may set some."""
    caller = Caller("", kind=made_up, rights=ALL_RIGHTS)
    assert not policy.may_set(caller, load(), guard)
    assert policy.may_set(replace(caller, kind=INTEGRATION), load(), guard) == (
        guard is Guard.answering
    )


@pytest.mark.parametrize("label", LABELS)
def test_nothing_said_is_in_no_document(made_up: CallerKind, label: str) -> None:
    """OpenAPI document and reference page are what they were."""
    registry = declared()
    assert made_up.name not in page(registry, label)
    assert f'"{made_up.name}"' not in render(document(registry, label))
    assert document(registry, label)["components"]["securitySchemes"].keys() == (
        document(load(), label)["components"]["securitySchemes"].keys()
    )


@pytest.mark.parametrize("of", ["resource", "action"])
def test_who_may_use_a_resource_says_more(made_up: CallerKind, of: str) -> None:
    """An entry without scheme and without a place in the log stops the program."""
    callers = (*USUAL_CALLERS, made_up)
    actions = tuple(replace(one, callers=callers) for one in TENANT.actions)
    changes: dict[str, Any] = {"resource": {"callers": callers}, "action": {"actions": actions}}
    with pytest.raises(DeclarationError, match="'auditor' presents itself and is logged"):
        declared(**changes[of])


def test_a_kind_that_is_not_in_the_list_is_refused() -> None:
    """A declaration that names one stops the program."""
    with pytest.raises(DeclarationError, match="no kind of caller 'auditor'"):
        declared(callers=(AUDITOR,))


@pytest.mark.usefixtures("made_up")
def test_the_golden_table_asks_for_its_column() -> None:
    """It is told by name, with the file to mend."""
    (told,) = without_column(CALLER_KINDS.values())
    assert "tests/support/access_table.py" in told
    assert "auditors" in told


EVENT = {"activation": "an activation", "holder": "a holder"}


@pytest.mark.parametrize(
    ("caller", "told"),
    [
        ("integration", {"triggered_by_integration": "an activation"}),
        ("administrator", {"triggered_by_organization_user": "a user"}),
        ("operator", {"triggered_by_operator": "a holder"}),
    ],
)
def test_the_log_names_who_did_it(caller: str, told: dict[str, str]) -> None:
    """Each kind of caller in a field of its own."""
    assert triggered_by({**EVENT, "caller": caller}, {"a holder": "a user"}) == told


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize("caller", ["auditor", "nobody"])
def test_the_log_names_nobody_else(caller: str) -> None:
    """What a caller did whose entry says nothing, or that has none, isn't told of another."""
    with pytest.raises(DeclarationError, match=caller):
        triggered_by({**EVENT, "caller": caller}, {"a holder": "a user"})
