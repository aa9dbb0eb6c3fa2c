"""The tables of what containers read: a difference is named, whichever side it is on."""

from __future__ import annotations

from typing import Any

import pytest

import variables

COMPOSE = "image: ${IMAGE:-base:1}\nport: ${PORT:-80}\n"
DOCKERFILE = "ARG SERVICE\n"
TABLE = "\n## Containers\n\n| `IMAGE` | `base:1` | x |\n| `PORT` | `80` | x |\n| `SERVICE` |  | x |\n"


def test_every_variable_of_a_container_is_documented_with_its_default() -> None:
    assert variables.problems() == []


@pytest.mark.parametrize(
    ("compose", "table", "named"),
    [
        (COMPOSE + "x: ${MORE:-}\n", TABLE, "MORE is read and stands in no table"),
        (COMPOSE, TABLE + "| `LESS` |  | x |\n", "LESS stands in a table and nobody reads it"),
        (COMPOSE, TABLE.replace("`80`", "`81`"), "PORT has the default '80', documented as '81'"),
    ],
)
def test_a_difference_is_named(compose: str, table: str, named: str) -> None:
    assert [*variables.undocumented(COMPOSE, DOCKERFILE, TABLE)] == []
    assert [*variables.undocumented(compose, DOCKERFILE, table)] == [named]


def test_what_no_service_reads_is_named() -> None:
    stack: dict[str, Any] = {
        "services": {"rag": {"environment": {"TILLHAND_NO": "1", "OTHER": "2"}, "secrets": ["undeclared"]}},
        "secrets": {"tillhand_no": {}},
    }
    assert [*variables.unknown(stack, "#TILLHAND_YES=\n")] == [
        "rag is given TILLHAND_NO, which is no setting",
        "rag mounts undeclared, which is not declared",
        "the secret tillhand_no is no setting",
    ]
