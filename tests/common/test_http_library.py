"""What the HTTP library does without being asked."""

import sys
from importlib.machinery import ModuleSpec

import pytest

from tillhand_common.http import UpstreamClient


class Noting:
    """Notes what modules are searched for, and finds none."""

    def __init__(self) -> None:
        self.searched: list[str] = []

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        self.searched.append(name)
        return None


async def test_a_call_searches_the_disk_for_no_module(shop: UpstreamClient, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.request("GET", "/")
    noting = Noting()
    monkeypatch.setattr(sys, "meta_path", [noting, *sys.meta_path])
    await shop.request("GET", "/")
    assert noting.searched == []
