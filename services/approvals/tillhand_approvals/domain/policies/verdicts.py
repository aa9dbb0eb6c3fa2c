"""What policies say of a call, and whether that outgrows what people have approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tillhand_approvals.domain.policies.documents import Action, Policies, Rule, duration
from tillhand_approvals.domain.policies.judging import Facts, judged
from tillhand_approvals.domain.proposals import RISKS, Requirement, Risk

_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policies say of a call: `requirement` is what must come together where it is not denied."""

    action: Action
    requirement: Requirement
    expires_in: timedelta


def verdict(policies: Policies, facts: Facts, version: int, author: str) -> Verdict:
    """What these policies say; their version and author are named, so that the record can."""
    rule = judged(policies, facts)
    return Verdict(rule.then.action, requirement(rule, version, author), duration(rule.then.expires_in) or _A_DAY)


def requirement(rule: Rule, version: int, author: str) -> Requirement:
    """What has to come together by this rule; nothing where it allows in advance."""
    escalate = rule.then.escalate
    return Requirement(
        approvals=0 if rule.then.action == "allow" else rule.then.approvals,
        roles=frozenset(rule.then.roles),
        rule=rule.id,
        policy_version=version,
        author=author,
        reason=rule.then.reason,
        escalate_after=None if escalate is None else duration(escalate.after),
        escalate_to=None if escalate is None else escalate.to,
    )


def outgrown(before: tuple[Risk, Requirement], after: tuple[Risk, Requirement]) -> bool:
    """Whether approvals given before count no longer: the risk rose, more are wanted, or somebody's role is not.

    Nobody in particular was wanted where a requirement names no roles.
    """
    (risk, wanted), (new_risk, now_wanted) = before, after
    if RISKS.index(new_risk) > RISKS.index(risk) or now_wanted.approvals > wanted.approvals:
        return True
    return bool(now_wanted.roles) and not (wanted.roles and wanted.roles <= now_wanted.roles)
