"""The six operations of a resource, and the further forms of its list."""

from __future__ import annotations

from enum import Enum


class Operation(Enum):
    """The six operations (docs/reference/interface.md#operations).

    The values of each are method, tail of the path, title, status and success.
    """

    bulk = ("POST", "list/", "Bulk write", 200, "Successful bulk create/update")
    list = ("GET", "list/", "List", 200, "Successful query")
    create = ("POST", "", "Create", 201, "Successful creation")
    get = ("GET", "{pk}/", "Get", 200, "Successful selection")
    update = ("PATCH", "{pk}/", "Update", 200, "Successful update")
    delete = ("DELETE", "{pk}/", "Delete", 204, "Successful deletion")

    def __init__(self, method: str, tail: str, title: str, status: int, success: str) -> None:
        self.method = method
        self.tail = tail
        self.title = title
        self.status = status
        self.success = success


ALL_OPERATIONS = tuple(Operation)
READING = {Operation.list, Operation.get}


class ListForm(Enum):
    """What else a list is asked for at a path of its own: tail of the path, title, success.

    Each answers what a parameter of the list does, so that an operation has one form of answer.
    """

    statistics = ("list/statistics/", "List statistics", "The list in numbers")
    export = ("list/export/", "List export", "The items, one a line")

    def __init__(self, tail: str, title: str, success: str) -> None:
        self.tail = tail
        self.title = title
        self.success = success
