"""`make secrets`: what it draws, what it leaves to somebody, and that it changes nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import yaml

import credentials


def test_every_secret_of_the_compose_file_is_made_and_only_the_folders_owner_gets_there(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    new, empty = credentials.make(folder)
    declared = yaml.safe_load(credentials.COMPOSE.read_text("utf-8"))["secrets"]
    assert sorted(new) == sorted(declared) == sorted(file.name for file in folder.iterdir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert set(new) - set(empty) == credentials.DRAWN


def test_what_is_drawn_differs_each_time_and_what_is_there_stays(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    credentials.make(one)
    credentials.make(other)
    drawn = {(folder / name).read_text() for folder in (one, other) for name in credentials.DRAWN}
    assert len(drawn) == 2 * len(credentials.DRAWN)
    assert all(len(each) >= 40 for each in drawn)
    (one / "alert_webhook").chmod(0o600)
    (one / "alert_webhook").write_text("https://alerts.example/hook")
    new, empty = credentials.make(one)
    assert new == []
    assert "alert_webhook" not in empty
    assert (one / "alert_webhook").read_text() == "https://alerts.example/hook"
