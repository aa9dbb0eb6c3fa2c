"""YAML files that people write: plain data only, and no key twice."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml


class YamlError(Exception):
    """A file cannot be read as YAML; the message names it, and the line where one is known."""


def read_yaml(path: Path) -> Any:  # noqa: ANN401  # what YAML holds is for the caller's model to check
    """The content of a UTF-8 file. Raises YamlError."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Plain)  # noqa: S506  # derived from the safe one
    except OSError as error:
        raise YamlError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise YamlError(f"{path}: not UTF-8 text") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise YamlError(f"{path}{line}: {getattr(error, 'problem', None) or 'not YAML'}") from error


class _Plain(yaml.SafeLoader):
    """Refuses a repeated key, of which the library silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)
