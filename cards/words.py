"""A request in plain words: its title, its people, and what breaking the glass did.

Everything here is plain text without Markdown; whoever puts it on a card escapes it.
"""

import re
from collections.abc import Mapping, Sequence

from approvals.emergency import Glass, Way
from approvals.kinds import kind_of
from approvals.people import Application
from approvals.policy import QuorumMode, Workflow
from approvals.quorum import Row, binding, extra_seats, seating
from approvals.request import (
    Request,
)
from approvals.subject import Fate, Reach, Relation, Subject
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
    """Whose approval it takes: "2 people: Security-Admins and Change-Advisory-Board" where one of each is needed."""
    return approvers_of(binding(request), extra_seats(request))


def approvers_of(workflows: Sequence[Workflow], extra: int = 0) -> str:
    """The same for workflows that no request has yet; `extra` people are needed beyond what they say.

    With a guard every workflow has its number, because nobody counts twice.
    """
    rows = seating(workflows, (), extra)
    if any(row.workflow.on_top for row in rows):
        return "; ".join(_counted(workflow, rows) for workflow in workflows)
    return "; ".join(dict.fromkeys(_approvers(workflow, rows) for workflow in workflows))


def title(subject: Subject) -> str:
    """What is asked for: "Wipe PC-1", "Wipe 400 devices", "Assign script Update-Defender to All-Windows-Laptops"."""
    verb, whom = _assigning(subject) if subject.action == "assign" else (subject.action.capitalize(), "")
    return plain(f"{verb} {thing(subject)}{whom}", TITLE)


def thing(subject: Subject) -> str:
    """What it is done to: a device by its name, several by their number, everything else with what it is."""
    if subject.is_bulk:
        return f"{subject.device_count} devices"
    target, what = subject.target or subject.target_id, noun(subject)
    if not target:
        return f"{what} without a name"
    return target if what == "device" else f"{what} {target}"


def to_confirm(subject: Subject) -> str:
    """What somebody has to type who means it."""
    if subject.is_bulk:
        return f"Type “{subject.spelled}” to confirm"
    return f"Type the {noun(subject)}'s name to confirm"


def _assigning(subject: Subject) -> tuple[str, str]:
    """What an assignment does, and to whom: it may take away, too."""
    changes = [one for one in subject.reaches if one.relation is Relation.REACHES and not one.excluded]
    new = [one for one in changes if one.fate in (Fate.ADDED, Fate.CHANGED)]
    if not new:
        gone = [one for one in changes if one.fate is Fate.REMOVED]
        return ("Unassign", _whom("from", gone)) if gone else ("Assign", "")
    if all(_is_uninstalled(one) for one in new):
        return "Uninstall", _whom("from", new)
    return "Assign", _whom("to", new)


def _is_uninstalled(reach: Reach) -> bool:
    return any((how.name, how.value.casefold()) == ("intent", "uninstall") for how in reach.how)


def _whom(word: str, reaches: Sequence[Reach]) -> str:
    names = [named(one.target) for one in reaches]
    return f" {word} {listed(names[:2] + [f'{len(names) - 2} more'] * (len(names) > 2))}"


def title_of(request: Request) -> str:
    """The same for a request; a drill says so wherever it is named."""
    return f"Drill: {title(request.subject)}" if request.drill else title(request.subject)


def noun(subject: Subject) -> str:
    """What kind of thing it is, in lower case."""
    if kind := kind_of(subject.kind, subject.policy_types):
        return kind.noun
    return plain(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", subject.kind).lower(), NAME) or "object"


def asker(request: Request) -> str:
    """Who asked, by name: the person behind it, where the bot filed it for one."""
    requestor = request.initiator or request.requestor
    if requestor is None:
        return "somebody whom Intune does not name"
    name = plain(requestor.name, NAME) or "somebody without a name"
    return f"the application {name}" if isinstance(requestor, Application) else name


def invoker(glass: Glass) -> str:
    """Who broke the glass, with the custodian who says that they did."""
    name = plain(glass.invoker.name, NAME)
    return f"{plain(glass.acting.name, NAME)} (as {name})" if glass.acting else name


def what_it_did(request: Request, glass: Glass) -> str:
    """What breaking the glass did, or still asks for; of a drill, what it would have done and what it left alone."""
    progress = plain(counted(glass.progress), TITLE)
    if glass.drill and glass.way in _WOULD_DO:
        real = " The request itself is real, and still waits for approval." if request.takes_votes else ""
        return f"{_WOULD_DO[glass.way].format(progress=progress)}{real}"
    waits = glass.way is Way.ESCALATED and request.takes_votes
    said = _CALLS if waits else _DID[glass.way].format(progress=progress)
    return f"{said} It is a drill, so nothing reaches Intune." if request.drill else said


def _approvers(workflow: Workflow, rows: Sequence[Row]) -> str:
    several = sum(row.workflow == workflow for row in rows) > 1
    return _counted(workflow, rows) if several and workflow.groups else _names(workflow)


def _counted(workflow: Workflow, rows: Sequence[Row]) -> str:
    needed = sum(row.workflow == workflow for row in rows)
    people = f"{'more ' if workflow.on_top else ''}{'person' if needed == 1 else 'people'}"
    return f"{needed} {people}: {_names(workflow)}"


def _names(workflow: Workflow) -> str:
    return listed((group.name for group in workflow.groups), "and" if workflow.mode is QuorumMode.EACH else "or")
