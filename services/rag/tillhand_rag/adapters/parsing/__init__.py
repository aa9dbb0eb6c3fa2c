"""Bytes to documents, one file per format."""

from tillhand_rag.adapters.parsing.limits import ParserLimits
from tillhand_rag.adapters.parsing.registry import FormatParser

__all__ = ["FormatParser", "ParserLimits"]
