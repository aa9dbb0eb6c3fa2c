"""What the knowledge base does without being a running service; the command line and set-up enter here.

Each is loaded when it is asked for: most load the model's libraries, which takes longer than the others run.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from tillhand_rag.domain.evaluation import InvalidData

if TYPE_CHECKING:
    from tillhand_rag.commands.archives import backup_folder, list_backups, verify_backup
    from tillhand_rag.commands.backups import create_backup, restore_backup
    from tillhand_rag.commands.evaluating import evaluate
    from tillhand_rag.commands.goldens import golden_questions
    from tillhand_rag.commands.inspecting import inspect, settings
    from tillhand_rag.commands.preparing import prepare

__all__ = [
    "InvalidData",
    "backup_folder",
    "create_backup",
    "evaluate",
    "golden_questions",
    "inspect",
    "list_backups",
    "prepare",
    "restore_backup",
    "settings",
    "verify_backup",
]

_MODULES: Final = {
    "backup_folder": "archives",
    "create_backup": "backups",
    "evaluate": "evaluating",
    "golden_questions": "goldens",
    "inspect": "inspecting",
    "list_backups": "archives",
    "prepare": "preparing",
    "restore_backup": "backups",
    "settings": "inspecting",
    "verify_backup": "archives",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # whatever the module holds under this name
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
