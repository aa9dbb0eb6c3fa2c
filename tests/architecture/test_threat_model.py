"""docs/security.md promises nothing that no test proves."""

from __future__ import annotations

import ast
import re

from tests.architecture.repository import Repository

ROW = re.compile(r"^\| (?P<threat>[^|]+?) \| (?P<measure>[^|]+?) \| (?P<proof>[^|]+?) \|$", re.MULTILINE)


def claims(text: str) -> dict[str, list[str]]:
    """The tests of each threat, by its words."""
    rows = {match["threat"]: re.findall(r"`([^`]+)`", match["proof"]) for match in ROW.finditer(text)}
    return {threat: tests for threat, tests in rows.items() if threat not in {"threat", "---"}}


def test_each_threat_names_tests_that_exist(repository: Repository) -> None:
    found = claims(repository.read("docs/security.md"))
    assert len(found) >= 30
    assert not [threat for threat, tests in found.items() if not tests]
    known: dict[str, set[str]] = {}
    for test in {test for tests in found.values() for test in tests}:
        path, _, name = test.partition("::")
        if path not in known:
            assert path in repository.files, test
            tree = ast.walk(ast.parse(repository.read(path)))
            known[path] = {node.name for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name.startswith("test_"), test
        assert name in known[path], f"there is no {test}"


def test_a_row_without_a_test_would_be_noticed() -> None:
    assert claims("| threat | measure | proved by |\n|---|---|---|\n| rain | an umbrella | hope |\n") == {"rain": []}
