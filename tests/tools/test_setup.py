"""The set-up does what changed, once, and goes on where it was stopped."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import setup
from diagnosis import explain

SETUP = Path(setup.__file__)


@pytest.fixture
def make_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], setup.Step]:
    """Makes steps in a workspace of their own; each has an input file and writes its name into `ran`."""
    python = tmp_path / "python"
    python.touch()
    for name, path in (
        ("STAMPS", "stamps.json"),
        ("LOG", "log"),
        ("PYTHON", "python"),
        ("PEERS", "peers"),
        ("ROOT", "."),
    ):
        monkeypatch.setattr(setup, name, tmp_path / path)

    def make(name: str) -> setup.Step:
        source = tmp_path / f"{name}.txt"
        source.touch()

        def run() -> None:
            with (tmp_path / "ran").open("a") as ran:
                ran.write(f"{name} ")

        return setup.Step(name, (source,), run)

    return make


def ran(folder: Path) -> list[str]:
    return (folder / "ran").read_text().split()


def test_a_second_set_up_does_nothing(make_step: Callable[[str], setup.Step], tmp_path: Path) -> None:
    plan = [make_step("one"), make_step("two")]
    assert setup.set_up(plan) == 2
    assert setup.set_up(plan) == 0
    assert ran(tmp_path) == ["one", "two"]


def test_only_the_step_whose_input_changed_runs_again(make_step: Callable[[str], setup.Step], tmp_path: Path) -> None:
    plan = [make_step("one"), make_step("two")]
    setup.set_up(plan)
    (tmp_path / "two.txt").write_text("a new pin")
    setup.set_up(plan)
    assert ran(tmp_path) == ["one", "two", "two"]


def test_an_interrupted_set_up_goes_on_where_it_stopped(make_step: Callable[[str], setup.Step], tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    first, third = make_step("one"), make_step("three")
    with pytest.raises(KeyboardInterrupt):
        setup.set_up([first, setup.Step("two", (), interrupt), third])
    setup.set_up([first, make_step("two"), third])
    assert ran(tmp_path) == ["one", "two", "three"]


def test_a_damaged_record_counts_as_nothing_done(make_step: Callable[[str], setup.Step], tmp_path: Path) -> None:
    plan = [make_step("one")]
    setup.set_up(plan)
    (tmp_path / "stamps.json").write_text('{"one": ')
    assert setup.set_up(plan) == 1


def test_a_removed_environment_is_made_anew(make_step: Callable[[str], setup.Step], tmp_path: Path) -> None:
    plan = [make_step("one")]
    setup.set_up(plan)
    (tmp_path / "python").unlink()
    assert setup.set_up(plan) == 1


def test_a_full_disk_is_told_before_anything_is_installed(
    make_step: Callable[[str], setup.Step], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "FREE_BYTES_NEEDED", 2**62)
    with pytest.raises(setup.SetupError, match="The disk is full"):
        setup.set_up([make_step("one")])
    assert not (tmp_path / "ran").exists()


def test_a_failed_command_shows_its_last_lines(make_step: Callable[[str], setup.Step]) -> None:
    make_step("one")
    with pytest.raises(setup.SetupError, match="No space left on device"):
        setup.call(sys.executable, "-c", "raise SystemExit('write: No space left on device')")


def test_a_missing_system_package_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(setup.SetupError, match=r"apt-get install .* python3\.11-venv"):
        setup.system_packages("python3.11-venv")


def test_pips_settings_reach_the_installer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels /more")
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    environment = setup.installer_environment()
    assert environment["UV_FIND_LINKS"] == "/wheels,/more"
    assert environment["UV_DEFAULT_INDEX"] == "https://index.example/simple"


def test_torch_comes_from_its_own_index_unless_a_folder_holds_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert setup.torch_origin() == ["--torch-backend=cpu"]
    (tmp_path / "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl").touch()
    assert setup.torch_origin() == []


def test_an_unknown_profile_prints_the_known_ones() -> None:
    done = subprocess.run(
        [sys.executable, SETUP, "everything"], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 2
    assert "`dev`" in done.stdout


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: Could not find a version that satisfies rich==15.0.0 (from versions: none)", "cannot be reached"),
        ("error sending request for url: dns error", "cannot be reached"),
        ("Hash mismatch for `rich==15.0.0`", "not the one that was locked"),
        ("Permission denied (os error 13)", "cannot be written"),
        ("No solution found when resolving dependencies", "no build for this platform"),
        ("Segmentation fault", "A command failed"),
    ],
)
def test_the_cause_of_a_failure_is_named(output: str, cause: str) -> None:
    assert cause in explain(output, "the-log")
