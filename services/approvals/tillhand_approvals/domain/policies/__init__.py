"""Policies: rules that people write, which say what may be done, what not, and what people have to decide.

Rules are read in order and the first that matches decides. Where none does, the document's default does for what
writes, and reading is allowed. A condition about something that is missing, or of another kind, is *unknown*: then
both is thought through, that the rule matches and that it does not, and the stricter of the two decides. What nobody
foresaw never loosens.
"""

from __future__ import annotations

from tillhand_approvals.domain.policies.checking import policy_faults
from tillhand_approvals.domain.policies.documents import (
    DEFAULTS,
    Action,
    Amount,
    Escalation,
    Policies,
    Rule,
    Then,
    When,
    Window,
    duration,
)
from tillhand_approvals.domain.policies.judging import Explanation, Facts, Step, explain, explained, judged, strictness
from tillhand_approvals.domain.policies.reading import read_document
from tillhand_approvals.domain.policies.trials import Difference, Past, Trial, tried
from tillhand_approvals.domain.policies.verdicts import Verdict, outgrown, verdict
from tillhand_approvals.domain.policies.writing import written

__all__ = [
    "DEFAULTS",
    "Action",
    "Amount",
    "Difference",
    "Escalation",
    "Explanation",
    "Facts",
    "Past",
    "Policies",
    "Rule",
    "Step",
    "Then",
    "Trial",
    "Verdict",
    "When",
    "Window",
    "duration",
    "explain",
    "explained",
    "judged",
    "outgrown",
    "policy_faults",
    "read_document",
    "strictness",
    "tried",
    "verdict",
    "written",
]
