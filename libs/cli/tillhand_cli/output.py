"""What a command prints: text for a person, or one JSON document for a program."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.console import Console


@dataclass(frozen=True, slots=True)
class Output:
    """Where results go. With `as_json` the only thing on standard output is one JSON document."""

    as_json: bool
    out: Console
    err: Console

    def result(self, document: Mapping[str, object], show: Callable[[Console], None]) -> None:
        """Print the document, or show it to a person."""
        if self.as_json:
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
            sys.stdout.flush()  # a command may run on for hours
        else:
            show(self.out)

    def note(self, text: str) -> None:
        """Say something about the work, beside the result."""
        self.err.print(text, highlight=False, markup=False, soft_wrap=True)


def output(*, as_json: bool) -> Output:
    """An output on this process's own streams."""
    return Output(as_json, Console(), Console(stderr=True))
