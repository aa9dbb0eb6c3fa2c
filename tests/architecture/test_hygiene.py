"""What no file of the repository may hold. Patterns are put together from parts, so that this file passes itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.repository import Repository

MAX_LINES = 300

REGISTRY_HOSTS = "|".join(
    rf"{name}\.{top}"
    for name, top in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("debian", "org"),
        ("pytorch", "org"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("registry-1.docker", "io"),
        ("crates", "io"),
        ("rubygems", "org"),
    )
)
HOME_PATHS = r"/(?:home|Users)/[A-Za-z][\w.-]*/|(?<![\w.])/ro" + r"ot/|(?<![\w.])/wo" + r"rk/"
SECRETS = "|".join(
    (
        r"AKIA[0-9A-Z]{16}",
        r"gh[pousr]_[A-Za-z0-9]{30,}",
        r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_]{20,}",
        r"xox[abprs]-[A-Za-z0-9-]{12,}",
        r"shp(?:at|ss|ca|pa)_[0-9a-fA-F]{24,}",
        r"AIza[0-9A-Za-z_-]{35}",
        r"eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}",
        r"th_(?:agent|service|operator)_[A-Za-z0-9]{6,}_[A-Za-z0-9_-]{24,}",
        r"BEGIN (?:RSA |EC |OPENSSH |PGP )?PRIV" + "ATE KEY",
    )
)
MASKED_ERRORS = "|".join(
    (
        r"\|\|\s*tr" + "ue\\b",
        r"\|\|\s*:(?:\s|$)",
        "continue-on" + "-error",
        r"\bset \+" + "e\\b",
        r"--exit" + r"-zero\b",
        r"suppress\((?:Base)?Exce" + r"ption\)",
    )
)
FORBIDDEN = {
    "a package registry's host": REGISTRY_HOSTS,
    "a path of somebody's machine": HOME_PATHS,
    "a secret": SECRETS,
    "a masked error": MASKED_ERRORS,
    "a merge conflict": r"^(?:<{7}|>{7}) ",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(repository: Repository, what: str) -> None:
    pattern = re.compile(FORBIDDEN[what], re.MULTILINE)
    found = [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()[:12]}"
        for path, text in repository.texts()
        for match in pattern.finditer(text)
    ]
    assert not found, f"{what} in {found}"


@pytest.mark.parametrize(
    ("what", "example"),
    [
        ("a package registry's host", "https://" + "pypi" + ".org/simple"),
        ("a path of somebody's machine", "/home" + "/ada/tillhand"),
        ("a secret", "AKIA" + "A" * 16),
        ("a masked error", "make test |" + "| true"),
        ("a masked error", "continue-on" + "-error: yes"),
    ],
)
def test_each_pattern_finds_what_it_is_for(what: str, example: str) -> None:
    assert re.search(FORBIDDEN[what], example)


def swallowed(tree: ast.AST) -> Iterator[int]:
    """Lines of handlers that catch everything and say nothing."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = node.type is None or (
            isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
        )
        silent = all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
        if node.type is None or (broad and silent):
            yield node.lineno


def test_no_handler_swallows_every_error(repository: Repository) -> None:
    found = [f"{path}:{line}" for path, text in repository.texts(".py") for line in swallowed(ast.parse(text))]
    assert not found


def test_no_python_file_is_longer_than_the_limit(repository: Repository) -> None:
    lengths = {path: text.count("\n") for path, text in repository.texts(".py")}
    assert not {path: lines for path, lines in lengths.items() if lines > MAX_LINES}


def test_every_lint_exception_gives_its_reason(repository: Repository) -> None:
    exception = re.compile(
        r"#\s*(?:no" + r"qa(?::\s*[A-Z0-9, ]+)?|type:\s*ig" + r"nore(?:\[[\w, -]+\])?)\s*(.*)$", re.MULTILINE
    )
    bare = [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
        for path, text in repository.texts(".py")
        for match in exception.finditer(text)
        if not re.search(r"[a-z]{3}", match.group(1))
    ]
    assert not bare


def test_nothing_large_is_tracked(repository: Repository) -> None:
    sizes = {path: (repository.root / path).stat().st_size for path in repository.files}
    assert not {path: size for path, size in sizes.items() if size > 1_000_000}
