"""Tools as executors register them: what they may be called with, how risky that is, and whom a call concerns."""

from __future__ import annotations

from tillhand_approvals.domain.tools.faults import Fault
from tillhand_approvals.domain.tools.registration import ToolChange, pending_faults, tool_change, tool_faults
from tillhand_approvals.domain.tools.tool import Tool, at

__all__ = ["Fault", "Tool", "ToolChange", "at", "pending_faults", "tool_change", "tool_faults"]
