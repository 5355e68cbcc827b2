"""Outside values become clean ones or are refused; nothing in between."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portvakt.errors import FaultCode
from portvakt.schema.values import (
    MAX_DEPTH,
    InvalidValue,
    escape_pointer,
    fold,
    is_uuid,
    json_type,
    nearest,
    parse_date,
    parse_json,
    parse_moment,
    parse_text,
    parse_time,
    parse_uuid,
    past,
    render_time,
)
from tests.support.naive import folded
from tests.support.samples import LETTERS

ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
OFFSETS = st.builds(
    lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-23 * 60 - 59, 23 * 60 + 59)
)
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=OFFSETS)  # noqa: DTZ001
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def refused(parse: Any, value: Any, **options: Any) -> InvalidValue:
    """Why a value is refused."""
    with pytest.raises(InvalidValue) as raised:
        parse(value, **options)
    assert raised.value.detail.endswith(".")
    return raised.value


@pytest.mark.parametrize("parse", [parse_uuid, parse_text, parse_time, parse_date])
@pytest.mark.parametrize("value", [None, True, 0, 1.5, [], {}, b"x"])
def test_what_is_no_string_is_refused(parse: Any, value: Any) -> None:
    """Nothing is turned into a string silently."""
    assert refused(parse, value).code is FaultCode.type


@pytest.mark.parametrize("parse", [parse_uuid, parse_text, parse_time, parse_date])
@given(value=JSON)
def test_any_json_value_is_parsed_or_refused(parse: Any, value: Any) -> None:
    """No value raises anything but `InvalidValue`, and a clean value is parsed to itself."""
    try:
        clean = parse(value)
    except InvalidValue:
        return
    assert parse(clean) == clean


# --- UUIDs ----------------------------------------------------------------------------------------


@given(st.uuids())
def test_a_uuid_is_lower_case_with_dashes(value: UUID) -> None:
    """Any case is read; the clean form is the usual one."""
    assert parse_uuid(str(value).upper()) == parse_uuid(str(value)) == str(value)
    assert is_uuid(str(value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        ID.replace("-", ""),
        f"{{{ID}}}",
        f"urn:uuid:{ID}",
        ID + "\n",
        " " + ID,
        ID[:-1],
        ID + "0",
        ID.replace("4", "٤"),
        ID.replace("f", "g"),
    ],
)
def test_no_other_form_is_a_uuid(text: str) -> None:
    """Only the dashed form counts, and nothing around it."""
    assert refused(parse_uuid, text).code is FaultCode.format
    assert not is_uuid(text)


# --- text -----------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_stays_as_it_is(text: str) -> None:
    """Nothing is trimmed or normalised."""
    assert parse_text(text) == text


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "a\udfffb", "\udc00\ud800"])
def test_what_no_database_holds_is_no_text(text: str) -> None:
    """NUL and unpaired surrogates are refused."""
    assert refused(parse_text, text).code is FaultCode.forbidden_character


def test_folding_is_that_of_unicode() -> None:
    """Case-insensitive means more than ASCII."""
    assert fold("ÅSA Straße") == fold("åsa STRASSE")
    assert fold("a") != fold("å")


def test_each_letter_folds_as_unicode_says() -> None:
    """Each code point by itself has the form of canonical caseless matching (3.13, D145)."""
    letters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    assert [one for one in letters if fold(one) != folded(one)] == []


@given(st.text("a\u0301\u0316\u0345\u0f73\u0344\u00e5\u1fb3\U0001d165", min_size=1, max_size=9))
def test_long_runs_of_marks_fold_as_short_ones_do(text: str) -> None:
    """However many marks stand behind a letter."""
    assert fold(text * 40) == folded(text * 40)


def test_marks_without_end_are_folded_in_time() -> None:
    """Putting each behind those that come before it would take half a minute."""
    text = fold("a" + "\u0301\u0316" * 50_000)
    assert text == "\u00e1" + "\u0316" * 50_000 + "\u0301" * 49_999
    assert fold("\u0f73" * 50_000) == "\u0f71" * 50_000 + "\u0f72" * 50_000


@given(st.lists(st.sampled_from(LETTERS) | st.characters(exclude_categories=["Cs"])).map("".join))
def test_texts_fold_alike_however_they_are_composed(text: str) -> None:
    """As the naive comparison has it; folding again changes nothing."""
    assert fold(text) == folded(text)
    assert fold(fold(text)) == fold(text)
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    assert {fold(form) for form in forms} == {fold(text)}


# --- times ----------------------------------------------------------------------------------------


@given(MOMENTS)
def test_a_time_is_the_same_instant_in_utc(moment: datetime) -> None:
    """What Python writes as ISO 8601 is read as the instant that it is."""
    clean = parse_time(moment.isoformat())
    assert parse_moment(clean) == moment
    assert clean == render_time(moment)
    assert len(clean) == len("2026-01-31T08:30:00.000000Z")


@given(MOMENTS, MOMENTS)
def test_times_sort_as_text(one: datetime, other: datetime) -> None:
    """The clean form has a fixed width, so that texts compare as instants do."""
    assert (render_time(one) < render_time(other)) == (one < other)


@given(st.datetimes())
def test_a_time_without_an_offset_is_utc(moment: datetime) -> None:
    """The same reading as with a `Z`."""
    text = moment.isoformat()
    assert parse_time(text) == parse_time(text + "Z") == render_time(moment.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("2026-01-31T08:30:00Z", "2026-01-31T08:30:00.000000Z"),
        ("2026-01-31t08:30:00z", "2026-01-31T08:30:00.000000Z"),
        ("2026-01-31 08:30:00", "2026-01-31T08:30:00.000000Z"),
        ("2026-01-31T08:30:00 Z", "2026-01-31T08:30:00.000000Z"),
        ("2026-01-31T08:30:00.1Z", "2026-01-31T08:30:00.100000Z"),
        ("2026-01-31T08:30:00.123456789Z", "2026-01-31T08:30:00.123456Z"),
        ("2026-01-31T08:30:00.9999999Z", "2026-01-31T08:30:00.999999Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000000Z"),
        ("2026-01-31T08:30:00-00:00", "2026-01-31T08:30:00.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"),
    ],
)
def test_forms_of_a_time(text: str, clean: str) -> None:
    """RFC 3339 and what people write for it; decimals past the sixth are cut off."""
    assert parse_time(text) == parse_time(text, date_alone=True) == clean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-01-31T08:30Z",
        "2026-01-31T8:30:00Z",
        "2026-1-31T08:30:00Z",
        "20260131T083000Z",
        "2026-01-31T08:30:00.Z",
        "2026-01-31T08:30:00,5Z",
        "2026-01-31T08:30:00+1:00",
        "2026-01-31T08:30:00+0100",
        "2026-01-31T08:30:00Z\n",
        "2026-01-31T08:30:00\u2003Z",
        "2026-01-31T08:30:00.٣Z",
        "٢٠٢٦-01-31T08:30:00Z",
        "2026-02-29T00:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T08:30:60Z",
        "2026-01-31T08:30:00+24:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "12026-01-31T08:30:00Z",
    ],
)
def test_what_is_no_time(text: str) -> None:
    """Other forms, times that do not exist, and those beyond years 1 to 9999 are refused."""
    assert refused(parse_time, text).code is FaultCode.format
    assert refused(parse_time, text, date_alone=True).code is FaultCode.format


def test_a_filter_takes_a_date_and_a_lost_plus() -> None:
    """A bare date is its midnight, and a space where a `+` was meant is understood."""
    assert parse_time("2026-01-31", date_alone=True) == "2026-01-31T00:00:00.000000Z"
    lost = parse_time("2026-01-31T08:30:00.5 02:00", date_alone=True)
    assert lost == "2026-01-31T06:30:00.500000Z"
    assert refused(parse_time, "2026-01-31").code is FaultCode.format
    assert refused(parse_time, "2026-01-31T08:30:00 02:00").code is FaultCode.format


@given(st.dates())
def test_a_date_stays_as_it_is(date: Any) -> None:
    """A date is year, month and day."""
    assert parse_date(date.isoformat()) == date.isoformat()


@pytest.mark.parametrize("text", ["", "2026-02-30", "20260131", "2026-W05-6", "2026-01-31T00:00"])
def test_what_is_no_date(text: str) -> None:
    """Other forms and days that do not exist are refused."""
    assert refused(parse_date, text).code is FaultCode.format


# --- JSON -----------------------------------------------------------------------------------------


@given(JSON)
def test_free_json_stays_as_it_is(value: Any) -> None:
    """Any JSON value is taken unless a text in it, or a key, holds NUL or half of a pair."""
    text = json.dumps(value, ensure_ascii=False)
    forbidden = "\\u0000" in text or any("\ud800" <= char <= "\udfff" for char in text)
    if forbidden:
        assert refused(parse_json, value).code is FaultCode.forbidden_character
    else:
        assert parse_json(value) is value


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ("\0", ""),
        ({"a": ["b", {"c/d~e": "\0"}]}, "/a/1/c~1d~0e"),
        ({"a": {"\0": 1}}, "/a"),
    ],
)
def test_a_fault_in_json_is_pointed_at(value: Any, where: str) -> None:
    """The pointer leads to the text, or to the object that has the key."""
    assert refused(parse_json, value).where == where


def test_json_has_a_greatest_depth() -> None:
    """What is stored must be writable again within an item, a list and an event."""
    deep: Any = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert parse_json(deep) is deep
    for value in ([deep], {"a": deep}):
        assert refused(parse_json, value).code is FaultCode.format
    endless: Any = []
    for _ in range(900):
        endless = {"a": endless}
    assert refused(parse_json, endless).code is FaultCode.format


def test_a_pointer_escapes_its_tokens() -> None:
    """RFC 6901."""
    assert escape_pointer("a/b~c~1") == "a~1b~0c~01"


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meant"),
    [("answr", "answer"), ("costum_id", "custom_id"), ("x", None), ("", None), ("a" * 10**6, None)],
)
def test_the_nearest_name(name: str, meant: str | None) -> None:
    """A near name is found, a far one is not guessed, and a long one costs nothing."""
    assert nearest(name, ["answer", "custom_id", "created_at"]) == meant


def test_json_types_have_names() -> None:
    """As people call them."""
    values: list[Any] = [None, True, 1, 1.5, "x", [], {}]
    assert [json_type(value) for value in values] == [
        "null",
        "a boolean",
        "a number",
        "a number",
        "a string",
        "an array",
        "an object",
    ]


CLOSE = st.text("a\ud7ff\ue000\U0010ffff", max_size=4)
"""Texts about the places where the code points have an end or a gap."""


@given(start=CLOSE | st.text(), text=CLOSE | st.text())
def test_a_range_holds_what_starts_with_a_text(start: str, text: str) -> None:
    """From the text itself to the least one that is past it, there is what starts with it."""
    end = past(start)
    assert (start <= text and (end is None or text < end)) == text.startswith(start)
    assert start <= start + text
    assert end is None or start + text < end
