"""The approvals' errors.

Problem
├── ProposalNotFound             404
├── AlreadyDecided               409  says who decided what, and when
├── WrongState                   409
├── ProposalExpired              409  a timeout, nobody's rejection
├── ProposalChanged              412  the arguments are not those that were looked at
├── SelfApproval                 403
├── NotEligible                  403  another role is needed, or a person
├── AlreadyVoted                 409  a quorum needs different people
├── TooLateToUndo                409
├── NotReleased                  409  the decision can still be taken back
├── ToolNotRegistered            422
├── InvalidTool                  422
├── ToolTaken                    409  another executor has it
├── InvalidArguments             422  not what the tool's schema asks for
├── UncanonicalJson              422  no digest could bind it
├── PolicyDenies                 403
├── InvalidPolicies              422
├── PoliciesChanged              412  another version is in force
├── DelegationNotFound           404
├── InvalidPeriod                422
├── InvalidCursor                422
├── IdempotencyConflict          422  the key has made another proposal
├── ErasedSubject                410  the key that would open it was destroyed
├── SubjectNotFound              404
├── SealBroken                   500
├── UnreadableExport             422  of the command line alone
├── WebhookNotFound              404
├── LetterNotFound               404
├── InvalidWebhook               422
├── TooManyWebhooks              409
├── ExecutionStopped             409  the kill switch stands
├── LeaseLost                    409  the fencing token is another one
├── DraftsUnavailable            503
├── RedactorUnavailable          503
└── StoreUnavailable             503
"""

from __future__ import annotations

from tillhand_approvals.errors.audit import UnreadableExport
from tillhand_approvals.errors.drafts import DraftsUnavailable
from tillhand_approvals.errors.policies import (
    DelegationNotFound,
    InvalidCursor,
    InvalidPeriod,
    InvalidPolicies,
    PoliciesChanged,
)
from tillhand_approvals.errors.proposals import (
    AlreadyDecided,
    AlreadyVoted,
    ExecutionStopped,
    LeaseLost,
    NotEligible,
    NotReleased,
    ProposalChanged,
    ProposalExpired,
    ProposalNotFound,
    SelfApproval,
    StoreUnavailable,
    TooLateToUndo,
    WrongState,
)
from tillhand_approvals.errors.redaction import RedactorUnavailable
from tillhand_approvals.errors.tools import (
    IdempotencyConflict,
    InvalidArguments,
    InvalidTool,
    PolicyDenies,
    ToolNotRegistered,
    ToolTaken,
    UncanonicalJson,
)
from tillhand_approvals.errors.vault import ErasedSubject, SealBroken, SubjectNotFound
from tillhand_approvals.errors.webhooks import InvalidWebhook, LetterNotFound, TooManyWebhooks, WebhookNotFound

__all__ = [
    "AlreadyDecided",
    "AlreadyVoted",
    "DelegationNotFound",
    "DraftsUnavailable",
    "ErasedSubject",
    "ExecutionStopped",
    "IdempotencyConflict",
    "InvalidArguments",
    "InvalidCursor",
    "InvalidPeriod",
    "InvalidPolicies",
    "InvalidTool",
    "InvalidWebhook",
    "LeaseLost",
    "LetterNotFound",
    "NotEligible",
    "NotReleased",
    "PoliciesChanged",
    "PolicyDenies",
    "ProposalChanged",
    "ProposalExpired",
    "ProposalNotFound",
    "RedactorUnavailable",
    "SealBroken",
    "SelfApproval",
    "StoreUnavailable",
    "SubjectNotFound",
    "TooLateToUndo",
    "TooManyWebhooks",
    "ToolNotRegistered",
    "ToolTaken",
    "UncanonicalJson",
    "UnreadableExport",
    "WebhookNotFound",
    "WrongState",
]
