"""What the tests of the mock upstreams share."""

from __future__ import annotations

import pytest

from tillhand_mcp.schemas import location

wants_schemas = pytest.mark.skipif(
    not (location.folder() / "NOTICE").is_file(), reason="the vendors' schemas are not here: python tools/schemas.py"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, in this folder, what wants schemas that have not been fetched."""
    for item in items:
        if "tests/mcp_mock/" in item.path.as_posix():
            item.add_marker(wants_schemas)
