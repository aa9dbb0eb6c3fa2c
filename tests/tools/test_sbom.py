"""The bill of materials of an image: whole, valid, the same twice, and with licences that we take."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cyclonedx.validation.json import JsonStrictValidator

from sbom import VERSION, bill, packages
from workspace import REQUIREMENTS, Member, services


@pytest.fixture(scope="module", params=services(), ids=lambda service: service.name)
def written(request: pytest.FixtureRequest) -> tuple[Member, str]:
    """Each service with its bill."""
    return request.param, bill(request.param)


def test_it_holds_what_the_lock_pins_and_our_own_members(written: tuple[Member, str]) -> None:
    service, text = written
    document: dict[str, Any] = json.loads(text)
    lock = (REQUIREMENTS / f"{service.name}.txt").read_text("utf-8")
    pinned = set(re.findall(r"^([\w.-]+)==(?!.*sys_platform == 'win32')", lock, re.MULTILINE))
    listed = {each["name"] for each in document["components"]}
    assert {"fastapi", "uvicorn", "tillhand-common", "tillhand-cli"} <= listed
    assert {name for name in listed if not name.startswith("tillhand-")} <= pinned
    assert len(listed) >= len(pinned) - 3  # what other platforms take is left out
    assert document["metadata"]["component"]["name"] == service.distribution
    theirs = [each for each in document["components"] if not each["name"].startswith("tillhand-")]
    assert all(each["hashes"] and each["purl"] for each in theirs)


def test_it_follows_the_schema_and_a_broken_one_would_not(written: tuple[Member, str]) -> None:
    judge = JsonStrictValidator(VERSION)
    assert judge.validate_str(written[1]) is None
    assert judge.validate_str(written[1].replace('"bomFormat"', '"format"')) is not None


def test_the_same_tree_gives_the_same_bytes(written: tuple[Member, str]) -> None:
    service, text = written
    assert bill(service) == text
    assert "timestamp" not in text


def test_what_other_platforms_take_is_left_out() -> None:
    everywhere = "a==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n"
    elsewhere = "b==2 ; sys_platform == 'win32' \\\n    --hash=sha256:02\n"
    (only,) = packages(everywhere + elsewhere)
    assert (only.name, only.version, only.hashes) == ("a", "1", ("00", "01"))
