"""Each comparison in SQL: its condition, what an index serves of it, its shape and its values.

One class answers all four, and `filters` only asks. Of an operand the condition knows nothing but
the shape, so that the statement that is kept for a shape serves every operand that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

import sqlalchemy as sa

from portvakt.schema.operators import Comparison, Kind, Operator, operator_of
from portvakt.schema.query import Filter
from portvakt.schema.values import LAST, fold, past
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import Dialect, Expression
from portvakt.storage.sql.long_texts import PREFIX_LENGTH, prefix, prefixed
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import FOLDED
from portvakt.storage.statements import trigrams


class Placeholder(NamedTuple):
    """What stands for the operand: a parameter's name and kind, and the operand's shape."""

    dialect: Dialect
    name: str
    kind: Kind
    shape: bool

    def parameter(self, suffix: str = "") -> Expression:
        """The parameter, or another one beside it."""
        return parameter(self.name + suffix, self.kind)


class OperatorSQL:
    """An operator in SQL. Each comparison says `_compare`, and what else it does its own way."""

    def __init__(self, operator: Operator) -> None:
        self.exact = operator.exact
        self._folded = operator.folded

    def shape(self, operand: Any) -> bool:  # noqa: ARG002
        """What the text of the condition depends on of an operand."""
        return False

    def values(self, dialect: Dialect, kind: Kind, operand: Any, name: str) -> dict[str, Any]:  # noqa: ARG002
        """What the condition on a field of this kind is run with, by parameter."""
        return {name: operand}

    def condition(self, view: View, asked: Filter, name: str) -> Expression:
        """That a field is as the filter asks, before that is negated; `name`: of its parameter."""
        kind, shape = view.kind(asked.field), self.shape(asked.operand)
        placeholder = Placeholder(view.dialect, name, kind, shape)
        if kind is Kind.references:
            return self._linked(view, asked.field, placeholder._replace(kind=Kind.uuid))
        column = view.column(asked.field + FOLDED if self._folded else asked.field)
        found = self._compare(column, placeholder)
        served = [*self._served(view, asked, placeholder)]
        return sa.and_(*served, found) if served else found

    def _compare(self, column: Expression, placeholder: Placeholder) -> Expression:
        """That a column compares so."""
        raise NotImplementedError

    def _linked(self, view: View, field: str, placeholder: Placeholder) -> Expression:
        """That one of many references compares so."""
        return view.linked(field, lambda target: self._compare(target, placeholder))

    def _served(self, view: View, asked: Filter, placeholder: Placeholder) -> Iterator[Expression]:  # noqa: ARG002
        """What holds too where the comparison does, and an index finds."""
        yield from ()


class _Null(OperatorSQL):
    """Its shape is which of both is asked for."""

    def shape(self, operand: Any) -> bool:
        return bool(operand)

    def _compare(self, column: Expression, placeholder: Placeholder) -> Expression:
        return column.is_(None) if placeholder.shape else column.is_not(None)

    def _linked(self, view: View, field: str, placeholder: Placeholder) -> Expression:
        linked = view.linked(field, None)
        return sa.not_(linked) if placeholder.shape else linked


class _Ordered(OperatorSQL):
    """Comes before the operand, or after it."""

    def __init__(self, compare: Callable[[Any, Any], Any], operator: Operator) -> None:
        super().__init__(operator)
        self._order = compare

    def _compare(self, column: Expression, placeholder: Placeholder) -> Expression:
        compared: Expression = self._order(column, placeholder.parameter())
        return compared


class _FromStart(OperatorSQL):
    """A comparison from the first character on.

    Of a long text the index holds how it starts, whatever the case: that has to fit as well.
    """

    def _served(self, view: View, asked: Filter, placeholder: Placeholder) -> Iterator[Expression]:
        if asked.field in prefixed(view.resource):
            start = prefix(view.column(asked.field + FOLDED))
            yield self._compare(start, placeholder._replace(name=f"{placeholder.name}_head"))


class _Equal(_FromStart):
    def values(self, dialect: Dialect, kind: Kind, operand: Any, name: str) -> dict[str, Any]:  # noqa: ARG002
        if kind is not Kind.text:
            return {name: operand}
        folded = fold(operand)
        text = folded if self._folded else operand
        return {name: text, f"{name}_head": folded[:PREFIX_LENGTH]}

    def _compare(self, column: Expression, placeholder: Placeholder) -> Expression:
        return column == placeholder.parameter()


class _OneOf(_FromStart):
    def values(self, dialect: Dialect, kind: Kind, operand: Any, name: str) -> dict[str, Any]:
        if kind is not Kind.text:
            return {name: dialect.bind_list(kind, operand)}
        folded = [fold(text) for text in operand]
        texts = folded if self._folded else operand
        heads = [text[:PREFIX_LENGTH] for text in folded]
        return {
            name: dialect.bind_list(kind, texts),
            f"{name}_head": dialect.bind_list(kind, heads),
        }

    def _compare(self, column: Expression, placeholder: Placeholder) -> Expression:
        return placeholder.dialect.one_of(column, placeholder.kind, placeholder.name)


class _Starts(_FromStart):
    """A range. Its shape is whether it has no end."""

    def shape(self, operand: Any) -> bool:
        return past(operand) is None

    def values(self, dialect: Dialect, kind: Kind, operand: Any, name: str) -> dict[str, Any]:  # noqa: ARG002
        folded = fold(operand)
        text, head = folded if self._folded else operand, folded[:PREFIX_LENGTH]
        return {
            name: text,
            f"{name}_end": past(text),
            f"{name}_head": head,
            f"{name}_head_end": past(head) or head + LAST,  # no head is as long as that
        }

    def _compare(self, column: Expression, placeholder: Placeholder) -> Expression:
        start = column >= placeholder.parameter()
        if placeholder.shape:
            return start
        return sa.and_(start, column < placeholder.parameter("_end"))


class _Part(OperatorSQL):
    """A part of a text. Its shape is whether an index of trigrams serves it."""

    _after = "%"
    """What follows the text in a pattern."""

    def shape(self, operand: Any) -> bool:
        return trigrams.is_served(self._sure(operand))

    def values(self, dialect: Dialect, kind: Kind, operand: Any, name: str) -> dict[str, Any]:  # noqa: ARG002
        text = fold(operand) if self._folded else operand
        pattern = dialect.bind_pattern("%", text, self._after)
        return {name: pattern, **trigrams.bound(dialect, self._sure(operand), name)}

    def _sure(self, text: str) -> str:
        """What each folded text that is found contains."""
        return fold(text) if self._folded else trigrams.sure_part(text)

    def _served(self, view: View, asked: Filter, placeholder: Placeholder) -> Iterator[Expression]:
        if not asked.negated:  # what doesn't contain it is found by no index
            yield from trigrams.candidates(view, placeholder.name, served=placeholder.shape)

    def _compare(self, column: Expression, placeholder: Placeholder) -> Expression:
        return placeholder.dialect.contains(column, placeholder.name)


class _Ending(_Part):
    _after = ""

    def _compare(self, column: Expression, placeholder: Placeholder) -> Expression:
        return placeholder.dialect.ends_with(column, placeholder.name)


COMPARISONS: Mapping[Comparison, Callable[[Operator], OperatorSQL]] = {
    Comparison.equal: _Equal,
    Comparison.one_of: _OneOf,
    Comparison.null: _Null,
    Comparison.greater: partial(_Ordered, gt),
    Comparison.at_least: partial(_Ordered, ge),
    Comparison.less: partial(_Ordered, lt),
    Comparison.at_most: partial(_Ordered, le),
    Comparison.starts: _Starts,
    Comparison.contains: _Part,
    Comparison.ends: _Ending,
}
"""What makes the SQL of each comparison's operators."""


@cache
def operator_sql(name: str) -> OperatorSQL:
    """The operator of this name in SQL, made once: each request asks. Raises `KeyError`."""
    operator = operator_of(name)
    return COMPARISONS[operator.comparison](operator)
