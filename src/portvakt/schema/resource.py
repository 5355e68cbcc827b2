"""A resource: one frozen value from which table, validation, statements, routes and docs follow.

A resource is declared in one file below `portvakt.resources`; its application and model are that
file's folder and name, so that nothing is said twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from portvakt.schema import erasure, paths
from portvakt.schema.actions import Action
from portvakt.schema.caller_kinds import OPERATOR, USUAL_CALLERS, CallerKind
from portvakt.schema.checks import Check, Unique
from portvakt.schema.entity_tags import CHANGED, EXPECTED_REVISION
from portvakt.schema.fields import Field, Reference, References, Text
from portvakt.schema.keeping import Keeps
from portvakt.schema.lookups import ExclusiveGroup, LookUp
from portvakt.schema.operations import ListForm, Operation
from portvakt.schema.operators import Kind
from portvakt.schema.privacy import AnswerFields, OfPersons, Person, PersonStep, Privacy
from portvakt.schema.query import OLDEST_FIRST, ListDefaults
from portvakt.schema.rights import Guard
from portvakt.schema.rows import (
    AboutActivation,
    Connected,
    OfApplication,
    RowRule,
    Within,
    complete,
)
from portvakt.schema.rules import Rule
from portvakt.schema.transitions import Resets, TransitionRule


class GenericReference(NamedTuple):
    """A pair of fields that points at an item of any resource (docs/reference/interface.md#rules).

    Where we hold the resource that the content type names, the item must exist.
    """

    content_type: str = "content_type"
    object_id: str = "object_id"


class IdMapping(NamedTuple):
    """The resource maps our ids to others' ids; it gets the `resolve` path (record 13)."""

    reference: GenericReference
    external: str


class Application(NamedTuple):
    """An application of the Core API: what the head of its reference page says."""

    label: str
    title: str
    version: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What is declared of a resource.

    - `declared_in`: the module's `__name__`; gives `application` and `model`.
    - `path`: its path on the API, with both slashes.
    - `fields`: in the order in which an item shows them; `id` and `created_at` among them.
    - `operations`: those that the API offers.
    - `actions`: what else can be done with it (`schema.actions`).
    - `callers`: the kinds of caller that may use it; left out: operators alone where rows belong
      to the platform, else `USUAL_CALLERS`.
    - `platform`: rows belong to the platform and not to a customer.
    - `checks`: what a write is held against (`schema.checks`), in any order.
    - `rows`: which rows a caller may touch, where that is not the usual (`schema.rows`).
    - `keeps`: what is kept of the past of its items.
    - `privacy`: what the items are to persons (`schema.privacy`).
    - `listing`: what a list is that doesn't say so.
    """

    declared_in: str
    path: str
    description: str
    fields: tuple[Field, ...]
    checks: tuple[Check, ...] = ()
    generic_references: tuple[GenericReference, ...] = ()
    mapping: IdMapping | None = None
    rows: tuple[RowRule, ...] = ()
    privacy: Privacy | None = None
    keeps: Keeps = Keeps.events
    operations: tuple[Operation, ...] = ()
    actions: tuple[Action, ...] = ()
    callers: tuple[CallerKind, ...] = ()
    platform: bool = False
    listing: ListDefaults = OLDEST_FIRST

    @cached_property
    def file(self) -> str:
        """The file that declares it, for messages."""
        return self.declared_in.replace(".", "/") + ".py"

    @cached_property
    def application(self) -> str:
        """The application's label, such as `integrations`."""
        return self.declared_in.split(".")[-2]

    @cached_property
    def model(self) -> str:
        """The wire name of the model: the file's name without underscores."""
        return self.declared_in.split(".")[-1].replace("_", "")

    @cached_property
    def name(self) -> str:
        """`app.model`, by which content types and references name it."""
        return f"{self.application}.{self.model}"

    @cached_property
    def traced(self) -> bool:
        """Whether each write of an item leaves an event in the ledger."""
        return self.keeps in {Keeps.events, Keeps.versions}

    @cached_property
    def versions(self) -> bool:
        """Whether every version of an item is kept."""
        return self.keeps is Keeps.versions

    @cached_property
    def append_only(self) -> bool:
        """Whether rows are only ever added."""
        return self.keeps is Keeps.log

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """What must hold between the fields of an item."""
        return tuple(check for check in self.checks if isinstance(check, Rule))

    @cached_property
    def unique(self) -> tuple[Unique, ...]:
        """The unique keys."""
        return tuple(check for check in self.checks if isinstance(check, Unique))

    @cached_property
    def lookups(self) -> tuple[LookUp, ...]:
        """What an item shares with the items that it names."""
        return tuple(check for check in self.checks if isinstance(check, LookUp))

    @cached_property
    def transitions(self) -> tuple[TransitionRule, ...]:
        """How an item may change."""
        return tuple(check for check in self.checks if isinstance(check, TransitionRule))

    @cached_property
    def resets(self) -> tuple[Resets, ...]:
        """What belongs to one event, and is cleared when another is told."""
        return tuple(check for check in self.checks if isinstance(check, Resets))

    @cached_property
    def exclusive(self) -> ExclusiveGroup | None:
        """The group that an active item may claim for itself, if there is one."""
        return next((check for check in self.checks if isinstance(check, ExclusiveGroup)), None)

    @cached_property
    def row_rules(self) -> tuple[RowRule, ...]:
        """All rules of `rows`, the usual ones too, in their order."""
        return complete(self.rows, platform=self.platform)

    @cached_property
    def of_application(self) -> OfApplication | None:
        """The rule by which each row is an application's, if there is one."""
        return next((rule for rule in self.rows if isinstance(rule, OfApplication)), None)

    @cached_property
    def about(self) -> str | None:
        """The field that names the activation that an item is about, if there is one."""
        found = (rule.field for rule in self.rows if isinstance(rule, AboutActivation))
        return next(found, None)

    @cached_property
    def reach(self) -> tuple[paths.Step, ...]:
        """How an item belongs to an object of an activation's level (`schema.paths`)."""
        found = (rule.steps for rule in self.rows if isinstance(rule, Within))
        return next(found, ())

    @cached_property
    def connected_by(self) -> tuple[str, ...]:
        """The fields of which one names a connected item, for callers that see only such."""
        found = (rule.fields for rule in self.row_rules if isinstance(rule, Connected))
        return next(found, ())

    @cached_property
    def person(self) -> Person | None:
        """How the items are persons, where they are."""
        return self.privacy if isinstance(self.privacy, Person) else None

    @cached_property
    def persons(self) -> tuple[PersonStep, ...]:
        """Whose personal information an item holds: the steps to the persons."""
        if isinstance(self.privacy, OfPersons):
            return self.privacy.steps
        return (self.person,) if self.person else ()

    @cached_property
    def answers(self) -> AnswerFields | None:
        """How the items are persons' answers to integrations, where they are."""
        return self.privacy if isinstance(self.privacy, AnswerFields) else None

    @cached_property
    def title(self) -> str:
        """The name that the reference prints."""
        return self.model.capitalize()

    @cached_property
    def visible(self) -> tuple[Field, ...]:
        """The fields that an item shows, in declared order: neither internal nor additive ones."""
        return tuple(field for field in self.fields if not (field.internal or field.additive))

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The visible fields by name, in declared order."""
        return {field.name: field for field in self.visible}

    @cached_property
    def additive(self) -> tuple[Field, ...]:
        """The fields that an item shows only where they are asked for."""
        return tuple(field for field in self.fields if field.additive)

    @cached_property
    def known(self) -> dict[str, Field]:
        """The fields that callers know of by name: the visible ones, then the additive ones."""
        return self.by_name | {field.name: field for field in self.additive}

    @cached_property
    def compared(self) -> dict[str, Field]:
        """The fields that callers filter and sort by: the visible ones, and `CHANGED`."""
        return self.by_name | CHANGED

    @cached_property
    def columns(self) -> dict[str, Field]:
        """Whatever rows are filtered and sorted by: `compared`, and what callers don't know of."""
        return self.stored | CHANGED

    @cached_property
    def taken(self) -> dict[str, Field]:
        """What the body of a write may name, read-only fields among it."""
        return self.known | CHANGED | {EXPECTED_REVISION.name: EXPECTED_REVISION}

    def evident(self, *, own: bool) -> dict[str, Field]:
        """What an item shows where the additive fields are asked for; `own` as in `RowAccess`."""
        hidden = self.confidential if own else frozenset()
        return {name: field for name, field in self.known.items() if name not in hidden}

    @cached_property
    def confidential(self) -> frozenset[str]:
        """The additive fields that describe people: not shown to who is bound to its own rows."""
        return frozenset(field.name for field in self.additive if field.digested)

    @cached_property
    def stored(self) -> dict[str, Field]:
        """All fields by name, the internal ones too."""
        return {field.name: field for field in self.fields}

    @cached_property
    def writable(self) -> tuple[Field, ...]:
        """The fields that a caller may set."""
        return tuple(field for field in self.known.values() if not field.read_only)

    @cached_property
    def used_by(self) -> tuple[CallerKind, ...]:
        """The kinds of caller that may use the resource."""
        return self.callers or ((OPERATOR,) if self.platform else USUAL_CALLERS)

    def open_to(self, kind: CallerKind) -> bool:
        """Whether callers of this kind may use the resource."""
        return kind in self.used_by

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """The fields that refer to one item of another resource."""
        return tuple(field for field in self.fields if isinstance(field, Reference))

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The fields by which an item refers to another one of its own resource."""
        return tuple(field.name for field in self.references if field.target == self.name)

    @cached_property
    def links(self) -> tuple[References, ...]:
        """The fields that refer to many items of another resource."""
        return tuple(field for field in self.fields if isinstance(field, References))

    @cached_property
    def pointing(self) -> tuple[Reference | References, ...]:
        """The fields that refer to one or to many items."""
        return (*self.references, *self.links)

    @cached_property
    def targets(self) -> dict[str, str]:
        """The resource, by name, that each of these fields points at."""
        return {field.name: field.target for field in self.pointing}

    @cached_property
    def texts(self) -> tuple[Field, ...]:
        """The visible text fields: those that `_search` looks into."""
        return tuple(field for field in self.visible if field.kind is Kind.text)

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """What a new item has where nothing is said, by field."""
        return {field.name: field.default for field in self.fields}

    @cached_property
    def keyed(self) -> tuple[Text, ...]:
        """The text fields of unique keys."""
        names = {name for unique in self.unique for name in unique.fields}
        texts = (field for field in self.fields if isinstance(field, Text))
        return tuple(field for field in texts if field.name in names)

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """The fields that a caller must set."""
        return tuple(field for field in self.writable if field.required)

    @cached_property
    def personal(self) -> frozenset[str]:
        """The names of the fields that hold personal information."""
        return frozenset(field.name for field in self.fields if field.personal)

    @cached_property
    def guarded(self) -> tuple[Field, ...]:
        """The fields that not everybody can change who may write the item."""
        return tuple(field for field in self.writable if field.guarded)

    @cached_property
    def made_by_people(self) -> bool:
        """Whether no integration can create an item, as each needs what only people can set."""
        return any(field.required and field.guarded is Guard.people for field in self.fields)

    @cached_property
    def belongs_to_persons(self) -> bool:
        """Whether an item can belong to persons who refer to it by a personal field."""
        return any(isinstance(step, paths.ReferredBy) for step in self.persons)

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The names of the fields that enter events as they are."""
        return tuple(field.name for field in self._in_events if not _is_digested(field))

    @cached_property
    def digested(self) -> tuple[str, ...]:
        """The names of the fields that enter events as a keyed digest."""
        return tuple(field.name for field in self._in_events if _is_digested(field))

    @cached_property
    def erased(self) -> dict[str, Any]:
        """The values that an erased person has of what is erased; empty where nobody can be."""
        if self.person is None:
            return {}
        return erasure.blank(self.person, self.stored, self.rules, self.digested)

    @cached_property
    def traced_names(self) -> tuple[str, ...]:
        """The names of the fields that enter events, as they are or as digests."""
        return (*self.plain, *self.digested)

    @property
    def _in_events(self) -> list[Field]:
        return [field for field in self.known.values() if not field.technical]

    @property
    def has_history(self) -> bool:
        """Whether the API tells the history of an item."""
        return self.traced and Operation.get in self.operations

    @cached_property
    def list_forms(self) -> tuple[ListForm, ...]:
        """The forms of its list that have a path of their own."""
        return tuple(ListForm) if Operation.list in self.operations else ()

    @cached_property
    def paths(self) -> dict[Operation, str]:
        """The path template of each offered operation."""
        return {operation: self.path + operation.tail for operation in self.operations}


def _is_digested(field: Field) -> bool:
    return field.personal or field.digested
