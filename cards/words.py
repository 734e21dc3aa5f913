"""A request in plain words: its title, its people, and the effect of break-glass.

The text is plain, without Markdown; the caller escapes it.
"""

import re
from collections.abc import Mapping, Sequence

from approvals.emergency import BreakGlassRecord, Way
from approvals.kinds import APP_ASSIGNMENT, kind_of
from approvals.people import Application
from approvals.policy import QuorumMode, Workflow
from approvals.quorum import SeatRow, binding, extra_seats, seating
from approvals.request import (
    Request,
)
from approvals.subject import Reach, Subject
from cards.assignments import intent_of, is_gone, is_new, is_uninstalled, keeps_its_intent
from cards.reviewing import named
from cards.tallies import counted
from cards.text import listed, plain

NAME = 80
TITLE = 160
REASON = 300

_DID: Mapping[Way, str] = {
    Way.DECIDED: "The quorum was set aside at {progress}.",
    Way.ESCALATED: "One other person was asked to approve it.",
    Way.EXECUTED: "The separate emergency process did it, with nobody else.",
}
_CALLS = "One other person has to approve it; those on call are asked."

_WOULD_DO: Mapping[Way, str] = {
    Way.DECIDED: "In an emergency the quorum would be set aside now, at {progress}.",
    Way.ESCALATED: "In an emergency one other person would have to approve it now.",
}


def approvers(request: Request) -> str:
    """Return whose approval is needed: "2 people: Security-Admins and Change-Advisory-Board" if one of each is
    needed."""
    return approvers_of(binding(request), extra_seats(request))


def approvers_of(workflows: Sequence[Workflow], extra: int = 0) -> str:
    """Return whose approval these workflows take, before there is a request; `extra` people are needed in addition.

    With a guard every workflow shows its number, because nobody counts twice.
    """
    rows = seating(workflows, (), extra)
    if any(row.workflow.on_top for row in rows):
        return "; ".join(_counted(workflow, rows) for workflow in workflows)
    return "; ".join(dict.fromkeys(_approvers(workflow, rows) for workflow in workflows))


def title(subject: Subject) -> str:
    """Return the operation: "Wipe PC-1", "Wipe 400 devices", "Assign script Update-Defender to All-Windows-Laptops"."""
    said = _assigning(subject) if assigns(subject) else f"{subject.action.capitalize()} {thing(subject)}"
    return plain(said, TITLE)


def assigns(subject: Subject) -> bool:
    """Return whether it changes an assignment, and not the assigned object."""
    kind = kind_of(subject.kind, subject.policy_types)
    return subject.action == "assign" or (kind is not None and kind.code == APP_ASSIGNMENT)


def thing(subject: Subject) -> str:
    """Return the target: a device by its name, several by their number, everything else with its kind."""
    if subject.is_bulk:
        return f"{subject.device_count} devices"
    target, what = subject.target or subject.target_id, noun(subject)
    if not target:
        return f"{what} without a name"
    return target if what == "device" else f"{what} {target}"


def to_confirm(subject: Subject) -> str:
    """Return what has to be typed to confirm."""
    if subject.is_bulk:
        return f"Type “{subject.spelled}” to confirm"
    return f"Type the {noun(subject)}'s name to confirm"


def _assigning(subject: Subject) -> str:
    """Return all that an assignment does and to whom; it may have several effects, and removals are included."""
    done: dict[str, list[Reach]] = {what: [] for what in _DONE}
    for one in subject.reaches:
        if what := _done(one):
            done[what].append(one)
    done = {what: some for what, some in done.items() if some}
    if len(done) > 1:
        done.pop(_LEAVE_OUT, None)  # an exclusion only narrows the others
    if len(done) > 1:
        parts = ", ".join(f"{what} {_whom(some)}" for what, some in done.items())
        return f"Change assignment of {thing(subject)}: {parts}"
    for what, some in done.items():
        verb, word = _DONE[what]
        return f"{verb} {thing(subject)} {word} {_whom(some)}"
    return f"Assign {thing(subject)}" if subject.action == "assign" else _to_assignment(subject)


def _to_assignment(subject: Subject) -> str:
    return f"{subject.action.capitalize()} assignment of {thing(subject)}"


_LEAVE_OUT = "leave out"
_DONE: Mapping[str, tuple[str, str]] = {
    "uninstall from": ("Uninstall", "from"),
    "no longer leave out": ("Change assignment of", "and no longer leave out"),
    "unassign from": ("Unassign", "from"),
    "required for": ("Assign", "to"),
    "available to": ("Assign", "to"),
    "assign to": ("Assign", "to"),
    "change for": ("Change assignment of", "for"),
    _LEAVE_OUT: ("Change assignment of", "and leave out"),
}
"""Wording of an effect beside others, and of a single effect; dangerous ones first."""
_BY_INTENT: Mapping[str, str] = {
    "available": "available to",
    "availablewithoutenrollment": "available to",
    "required": "required for",
}


def _done(reach: Reach) -> str:
    """Return the effect on one target; empty if there is none."""
    if is_gone(reach):
        return "no longer leave out" if reach.excluded else "unassign from"
    if not is_new(reach):
        return ""
    if reach.excluded:
        return _LEAVE_OUT
    if is_uninstalled(reach):
        return "uninstall from"
    return "change for" if keeps_its_intent(reach) else _BY_INTENT.get(intent_of(reach), "assign to")


def _whom(reaches: Sequence[Reach]) -> str:
    names = [named(one.target) for one in reaches]
    return listed(names[:2] + [f"{len(names) - 2} more"] * (len(names) > 2))


def title_of(request: Request) -> str:
    """Return the title of a request; a drill is always marked."""
    return f"Drill: {title(request.subject)}" if request.drill else title(request.subject)


def noun(subject: Subject) -> str:
    """Return the kind of object, in lower case."""
    if kind := kind_of(subject.kind, subject.policy_types):
        return kind.noun
    return plain(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", subject.kind).lower(), NAME) or "object"


def asker(request: Request) -> str:
    """Return the name of who asked: the initiator, if the bot filed it."""
    requestor = request.initiator or request.requestor
    if requestor is None:
        return "somebody whom Intune does not name"
    name = plain(requestor.name, NAME) or "somebody without a name"
    return f"the application {name}" if isinstance(requestor, Application) else name


def invoker(glass: BreakGlassRecord) -> str:
    """Return who broke the glass; for a shared account, the custodian's name as they gave it, and the account's."""
    name = plain(glass.invoker.name, NAME)
    return f"{plain(glass.acting.name, NAME)} (as {name})" if glass.acting else name


def what_it_did(request: Request, glass: BreakGlassRecord) -> str:
    """Return what break-glass did, or still requires; for a drill, what it would have done and what still waits."""
    progress = plain(counted(glass.progress), TITLE)
    if glass.drill and glass.way in _WOULD_DO:
        real = " The request itself is real, and still waits for approval." if request.takes_votes else ""
        return f"{_WOULD_DO[glass.way].format(progress=progress)}{real}"
    waits = glass.way is Way.ESCALATED and request.takes_votes
    said = _CALLS if waits else _DID[glass.way].format(progress=progress)
    return f"{said} It is a drill, so nothing reaches Intune." if request.drill else said


def _approvers(workflow: Workflow, rows: Sequence[SeatRow]) -> str:
    several = sum(row.workflow == workflow for row in rows) > 1
    return _counted(workflow, rows) if several and workflow.groups else _names(workflow)


def _counted(workflow: Workflow, rows: Sequence[SeatRow]) -> str:
    needed = sum(row.workflow == workflow for row in rows)
    people = f"{'more ' if workflow.on_top else ''}{'person' if needed == 1 else 'people'}"
    return f"{needed} {people}: {_names(workflow)}"


def _names(workflow: Workflow) -> str:
    return listed((group.name for group in workflow.groups), "and" if workflow.mode is QuorumMode.EACH else "or")
