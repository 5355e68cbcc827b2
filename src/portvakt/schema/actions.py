"""What can be done with a resource besides the six operations, such as rotating a credential."""

from __future__ import annotations

from dataclasses import dataclass

from portvakt.schema.fields import Field


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing to do, by POST with a JSON object; or to ask for, by GET.

    - `name`: by which `api.actions` finds what does it.
    - `tail`: of the path, below the resource's (`""`, `{pk}/rotate/`), or the whole path.
    - `method`: POST or GET.
    - `body`: the fields of the request's object.
    - `query`: the parameters of the query string, as fields; each may be left out.
    - `answer`: the fields of the answer's, after those of an item where `item` is true.
    - `many`: the answer is an array of such objects.
    - `public`: no credentials are needed.
    """

    name: str
    tail: str
    title: str
    description: str
    success: str
    method: str = "POST"
    body: tuple[Field, ...] = ()
    query: tuple[Field, ...] = ()
    answer: tuple[Field, ...] = ()
    item: bool = True
    many: bool = False
    status: int = 200
    public: bool = False

    def path(self, resource_path: str) -> str:
        """The path template, `{pk}` for the item's id."""
        return self.tail if self.tail.startswith("/") else resource_path + self.tail
