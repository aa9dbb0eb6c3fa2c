"""What the knowledge base does without being a running service; the command line and set-up enter here."""

from tillhand_rag.commands.evaluate import evaluate
from tillhand_rag.commands.inspect import inspect, settings
from tillhand_rag.commands.prepare import prepare
from tillhand_rag.domain.evaluation import InvalidData

__all__ = ["InvalidData", "evaluate", "inspect", "prepare", "settings"]
