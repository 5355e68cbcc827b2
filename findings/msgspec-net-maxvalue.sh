#!/usr/bin/env bash
# msgspec refuses the RFC 3339 text of .NET's greatest time.
#
# Package:   msgspec 0.23.0 (PyPI).
# Done:      "9999-12-31T23:59:59.9999999Z" is decoded from JSON as a datetime: the text that .NET's
#            System.Text.Json writes for DateTime.MaxValue in UTC, much used for "never ends".
# Expected:  A datetime of the year 9999. RFC 3339, 5.6, allows any number of decimals
#            (time-secfrac = "." 1*DIGIT), and msgspec's documentation ("Supported Types", datetime)
#            names RFC 3339 as its format. Python's own datetime.fromisoformat cuts the seventh
#            decimal and reads 9999-12-31 23:59:59.999999+00:00.
# Seen:      ValidationError: Invalid RFC3339 encoded datetime. msgspec rounds to six decimals, half
#            a microsecond up, and rounding would leave the year 9999. One step less
#            (...9999994Z) is read; so are seven decimals in every other year.
# Needs:     Python 3.11 or newer.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv tools
tools/bin/pip install -qq --disable-pip-version-check msgspec==0.23.0

cat >check.py <<'PYTHON'
from datetime import UTC, datetime

import msgspec

GREATEST = "9999-12-31T23:59:59.9999999Z"


def decoded(text: str) -> datetime:
    return msgspec.json.decode(f'"{text}"', type=datetime)


print("fromisoformat", datetime.fromisoformat(GREATEST))
assert datetime.fromisoformat(GREATEST) == datetime.max.replace(tzinfo=UTC)

# Seven decimals as such are taken, and so is the last second of that year.
for text in ("9999-12-31T23:59:59.9999994Z", "2026-01-02T03:04:05.1234567Z"):
    print("msgspec      ", text, "->", decoded(text))
try:
    value = decoded(GREATEST)
except msgspec.ValidationError as error:
    print("msgspec      ", GREATEST, "->", error)
    assert "Invalid RFC3339" in str(error)
else:
    raise AssertionError(value)
PYTHON
tools/bin/python check.py
