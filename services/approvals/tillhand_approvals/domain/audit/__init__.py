"""The audit log: records chained by hashes, checkpoints that sign them, and how both are verified."""

from tillhand_approvals.domain.audit.chain import Draft, Head, chained, origin
from tillhand_approvals.domain.audit.checkpoints import Checkpoint, checkpoint_of
from tillhand_approvals.domain.audit.events import cloud_event
from tillhand_approvals.domain.audit.verifying import Break, Report, Verifier, verify

__all__ = [
    "Break",
    "Checkpoint",
    "Draft",
    "Head",
    "Report",
    "Verifier",
    "chained",
    "checkpoint_of",
    "cloud_event",
    "origin",
    "verify",
]
