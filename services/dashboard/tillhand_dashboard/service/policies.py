"""The approvals' policies: read, tried on what was proposed lately, and put in force where nobody was faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.policies import Version, decided_by, version
from tillhand_dashboard.domain.policy_text import DiffLine, Wrong, compared, located, read
from tillhand_dashboard.domain.proposal_values import plain
from tillhand_dashboard.domain.results import Failure, Found, Result
from tillhand_dashboard.ports.approvals import Approvals, TrialView
from tillhand_dashboard.ports.views import Row

COUNTED: Final = 200
"""Proposals, the newest, of which it is counted which rule decided."""
INVALID: Final = "invalid-policies"
CHANGED: Final = "policies-changed"
_UNREADABLE: Final = Failure(
    "unreadable", "The policies: an answer of another kind came.", "Are both of the same version?"
)


@dataclass(frozen=True, slots=True)
class InForce:
    """The policies in force, how many proposals were counted for them, all versions, the newest first, and who is who.

    `roles` are those that the rules ask for, with their members; None where that could not be had.
    """

    version: Version
    counted: int
    versions: Sequence[Version]
    roles: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants in place of what is in force.

    `wrong` are the faults of the text. Without any, `trial` says what would be otherwise, and `changes` what differs
    from what is in force. `theirs` is what somebody else has changed since the text was begun, `base` the version
    from which the next saving goes out.
    """

    text: str
    base: int
    wrong: Sequence[Wrong] = ()
    failure: Failure | None = None
    trial: TrialView | None = None
    present: Version | None = None
    changes: Sequence[DiffLine] = ()
    theirs: Sequence[DiffLine] = ()

    @property
    def overtaken(self) -> bool:
        """Whether somebody else has put other policies in force since."""
        return self.present is not None and self.present.number != self.base


async def in_force(approvals: Approvals, person: Person) -> Result[InForce]:
    """What the page of the policies shows."""
    found, listed = await approvals.policies(person), await approvals.policy_versions(person)
    if isinstance(found, Failure):
        return found
    page, roles = await approvals.proposals(person, limit=COUNTED), await approvals.roles(person)
    asked = [] if isinstance(page, Failure) else [each.requirement for each in page.value.items]
    try:
        judged = [(each.policy_version, each.rule) for each in asked]
        decided = decided_by(judged, int(found.value["version"]))
        versions = [] if isinstance(listed, Failure) else [version(each) for each in listed.value]
        present = version(found.value, decided)
        return Found(InForce(present, sum(decided.values()), versions, _members(present, roles)))
    except (KeyError, TypeError, ValueError, AttributeError):
        return _UNREADABLE


def _members(present: Version, found: Result[Mapping[str, Sequence[str]]]) -> Mapping[str, Sequence[str]] | None:
    if isinstance(found, Failure):
        return None
    return {role: [plain(each) for each in found.value.get(role, ())] for role in present.roles}


async def begun(approvals: Approvals, person: Person, wanted: int | None = None) -> Result[Draft]:
    """A text to begin with: what is in force, or an earlier version."""
    found = await in_force(approvals, person)
    if isinstance(found, Failure):
        return found
    present = found.value.version
    chosen = next((each for each in found.value.versions if each.number == wanted), present)
    return Found(Draft(chosen.text, present.number))


async def tried(approvals: Approvals, person: Person, text: str, base: int) -> Draft:
    """A text, tried: nothing changes by it. Each fault comes at its line."""
    draft = read(text)
    if draft.wrong is not None:
        return Draft(draft.text, base, [draft.wrong])
    found = await approvals.try_policies(person, draft.document)
    if isinstance(found, Failure):
        return _refused(draft.text, base, draft.document, found)
    state = await in_force(approvals, person)
    if isinstance(state, Failure):
        return Draft(draft.text, base, failure=state)
    present = state.value.version
    before = next((each.text for each in state.value.versions if each.number == base), "")
    theirs = compared(before, present.text) if before and present.number != base else ()
    return Draft(
        draft.text,
        base,
        trial=found.value,
        present=present,
        changes=compared(present.text, draft.text),
        theirs=theirs,
    )


async def saved(approvals: Approvals, person: Person, text: str, base: int) -> Result[int] | Draft:
    """The number of the version that a text has become; the draft again where it cannot be, or somebody was faster."""
    draft = read(text)
    if draft.wrong is not None:
        return Draft(draft.text, base, [draft.wrong])
    found = await approvals.put_policies(person, draft.document, base)
    if isinstance(found, Found):
        return Found(int(found.value["version"]))
    if found.slug != CHANGED:
        return _refused(draft.text, base, draft.document, found)
    again = await tried(approvals, person, text, base)
    present = again.present
    # A second click: what is in force is what this person wanted.
    if present is not None and (present.author, present.text) == (plain(person.name), again.text):
        return Found(present.number)
    return again


def _refused(text: str, base: int, document: Row, found: Failure) -> Draft:
    if found.slug == INVALID and found.faults:
        return Draft(text, base, located(document, found.faults))
    return Draft(text, base, failure=found)
