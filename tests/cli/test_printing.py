"""What commands print."""

from __future__ import annotations

import pytest

from portvakt.cli import direct, settings
from portvakt.settings import PREFIX, Settings

SECRET = "1:" + "A" * 43 + "="
ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"


def test_settings_are_shown_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each setting has a line with its name and value, however short lines are; but for secrets."""
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv(f"{PREFIX}CREDENTIAL_KEYS", SECRET)
    monkeypatch.setenv(f"{PREFIX}DATABASE", "postgresql://user:hidden@127.0.0.1:5432/name")
    settings.show()
    printed = capsys.readouterr().out
    names = [line.partition("=")[0] for line in printed.splitlines() if line.startswith(PREFIX)]
    assert names == [PREFIX + name.upper() for name in Settings.model_fields]
    assert f"{PREFIX}PORT=8000" in printed.splitlines()
    assert "127.0.0.1:5432/name" in printed
    assert SECRET not in printed
    assert "hidden" not in printed


def test_tables_cut_nothing_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where lines are short, a value goes on in the next line."""
    monkeypatch.setenv("COLUMNS", "30")
    direct.show([{"id": ID, "name": "Somebody AB"}], ["id", "name"], as_json=False)
    printed = capsys.readouterr().out
    shown = "".join(line.split("│")[1].strip() for line in printed.splitlines() if "│" in line)
    assert ID in shown
