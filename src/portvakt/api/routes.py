"""From a path to the operations at it: three dictionaries, made once from the registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from portvakt.api import handlers, limits
from portvakt.api.actions.running import ActionTable, run
from portvakt.api.handlers import HANDLERS, Handler
from portvakt.api.limits import Limits
from portvakt.errors import DeclarationError
from portvakt.schema.actions import Action
from portvakt.schema.operations import Operation
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.schema.values import NO_ID, is_uuid


@dataclass(frozen=True, slots=True)
class Route:
    """The handlers of one path, by method; HEAD wherever GET.

    `public`: whoever asks needs no credentials. `bodies`: the most bytes of a method's body.
    """

    resource: Resource
    public: bool = False
    methods: dict[str, Handler] = field(default_factory=dict)
    bodies: dict[str, int] = field(default_factory=dict)

    @property
    def allow(self) -> str:
        """The value of the `Allow` header."""
        return ", ".join(sorted(self.methods))


RouteMatch = tuple[Route, str]
"""A route and the id in the path ("" where the path has none, `NO_ID` where it is no UUID)."""


class Routes:
    """All routes of the resources that a registry offers."""

    def __init__(
        self, registry: Registry, actions: ActionTable, among: Limits = limits.DEFAULTS
    ) -> None:
        """Raises `DeclarationError` if an action is not in the table."""
        self._actions = actions
        self._limits = among
        self.exact: dict[str, Route] = {}
        self.items: dict[str, Route] = {}
        self.of_items: dict[tuple[str, str], Route] = {}
        for resource in registry.offered:
            for operation in resource.operations:
                self._add(resource, operation)
            for form in resource.list_forms:
                handler = partial(handlers.list_items, form=form)
                methods = self._route(resource, form.tail).methods
                methods["GET"] = methods["HEAD"] = handler
            if resource.mapping:
                self._add_resolve(resource)
            if resource.has_history:
                self._add_history(resource)
            for action in resource.actions:
                self._add_action(resource, action)

    def _add(self, resource: Resource, operation: Operation) -> None:
        route = self._route(resource, operation.tail)
        route.methods[operation.method] = HANDLERS[operation]
        route.bodies[operation.method] = limits.of_operation(operation, self._limits)
        if operation.method == "GET":
            route.methods["HEAD"] = HANDLERS[operation]

    def _add_resolve(self, resource: Resource) -> None:
        route = self._route(resource, "resolve/")
        route.methods["POST"] = handlers.resolve_ids
        route.bodies["POST"] = limits.of_resolve(resource, self._limits)

    def _add_history(self, resource: Resource) -> None:
        route = self.of_items.setdefault((resource.path, "history/"), Route(resource))
        route.methods["GET"] = route.methods["HEAD"] = handlers.history_of

    def _add_action(self, resource: Resource, action: Action) -> None:
        if action not in self._actions:
            raise DeclarationError(
                f"{resource.file}: nothing does the action `{action.name}`. Add it to "
                "portvakt/action_table.py."
            )
        handler = partial(run, action, *self._actions[action])
        path = action.path(resource.path)
        before, pk, after = path.partition(Operation.get.tail)
        fresh = Route(resource, action.public)
        route = (
            self.of_items.setdefault((before, after), fresh)
            if pk
            else self.exact.setdefault(path, fresh)
        )
        route.methods[action.method] = handler
        route.bodies[action.method] = limits.of_action(action, self._limits)
        if action.method == "GET":
            route.methods["HEAD"] = handler

    def _route(self, resource: Resource, tail: str) -> Route:
        routes, path = self.exact, resource.path + tail
        if tail == Operation.get.tail:
            routes, path = self.items, resource.path
        return routes.setdefault(path, Route(resource))

    def find(self, path: str) -> RouteMatch | None:
        """The route of a path, or None. Every path ends with a slash."""
        if not path.endswith("/"):
            return None
        route = self.exact.get(path)
        if route is not None:
            return route, ""
        head, _, last = path[:-1].rpartition("/")
        route = self.items.get(head + "/")
        if route is None:
            before, _, pk = head.rpartition("/")
            route = self.of_items.get((before + "/", last + "/"))
            last = pk
        if route is None or not last:
            return None
        return route, last.lower() if is_uuid(last) else NO_ID
