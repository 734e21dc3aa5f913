"""What a request is called, what would be lost, and the one-line messages around its card."""

from collections.abc import Mapping

from approvals.decide import approver_group_names
from approvals.effects import Occasion
from approvals.lifecycle import disagreement
from approvals.quorum import progress
from approvals.request import Application, Decision, IntuneStatus, Request, Source, Verdict
from cards.text import escape

_KINDS: Mapping[str, str] = {
    "manageddevice": "",
    "devicemanagementscript": "script",
    "devicehealthscript": "remediation",
    "roledefinition": "role",
    "deviceandappmanagementroledefinition": "role",
    "roleassignment": "role assignment",
    "devicecompliancepolicy": "compliance policy",
    "configurationpolicy": "configuration policy",
    "operationapprovalpolicy": "access policy",
    "mobileapp": "app",
}

_LOSSES: Mapping[tuple[str, str], str] = {
    ("manageddevice", "wipe"): (
        "The device goes back to factory settings. Everything on it that is not stored elsewhere is lost, "
        "and this cannot be undone."
    ),
    (
        "manageddevice",
        "retire",
    ): "Company data, apps and settings are removed from the device. It is no longer managed.",
    ("manageddevice", "delete"): "The device is removed from Intune, and company data from it at its next contact.",
    ("devicemanagementscript", ""): "The script runs on every targeted device with the rights it asks for.",
    ("devicehealthscript", ""): "The remediation runs on every targeted device with the rights it asks for.",
    ("roledefinition", ""): "What administrators may do in Intune changes at once for everybody who holds this role.",
    ("deviceandappmanagementroledefinition", ""): (
        "What administrators may do in Intune changes at once for everybody who holds this role."
    ),
    ("roleassignment", ""): "The people in the group gain or lose what this role allows.",
    ("devicecompliancepolicy", ""): "Devices may become compliant or lose access to company data by the new rules.",
    ("operationapprovalpolicy", ""): "This changes what needs approval at all, and who can give it.",
}

_UNKNOWN_LOSS = "What this changes is not known here. Look at it in Intune before you decide."

_THREAD: Mapping[Occasion, str] = {
    Occasion.APPROVED: "Approved. {requestor} now has to press Complete in Intune.",
    Occasion.REJECTED: "Rejected{by}.",
    Occasion.EXPIRED: "Expired: nobody can decide this here any more.",
    Occasion.DECIDED_ELSEWHERE: "This was decided in Intune, not here: {intune}.",
    Occasion.VOTES_VOID: "The request was changed in Intune. Earlier votes no longer count; please read it again.",
    Occasion.BELOW_QUORUM: "Approved in Intune without the quorum that is asked for here: {progress}.",
}

_ALARMS: Mapping[Occasion, str] = {
    Occasion.BELOW_QUORUM: "was approved in Intune below the quorum: {progress}. It can be withdrawn on the card.",
    Occasion.APPROVED_AFTER_END: "was {decision} here, and then approved in Intune. Somebody should look at it now.",
    Occasion.CHANGED_AFTER_DECISION: "was changed in Intune after it was decided here. It is not carried to Intune.",
    Occasion.POLICY_CHANGE: "asks for a change to the access policies themselves.",
    Occasion.UNKNOWN_STATUS: "has a state in Intune that is not known here. Nobody can decide it here.",
    Occasion.COPY_LOST: "has lost a card: it was deleted, its channel was archived, or the bot was removed.",
}

_TO_PERSON: Mapping[Occasion, str] = {
    Occasion.APPROVED: "Your request is approved: {title}. Now press Complete in Intune, or nothing happens.",
    Occasion.REJECTED: "Your request was rejected{by}: {title}.",
    Occasion.VOTE_FELL: "Your vote on {title} does not count any more: you may not decide this request now.",
}

NAME = 120
NOTE = 300


def title(request: Request) -> str:
    """What is asked for, in a few words: "Wipe PC-1"."""
    subject = request.subject
    parts = [subject.action.capitalize(), _KINDS.get(subject.kind.casefold(), subject.kind), subject.target]
    return escape(" ".join(part for part in parts if part), NAME)


def loss(request: Request) -> str:
    """What will be lost or changed if this is approved."""
    kind = request.subject.kind.casefold()
    return _LOSSES.get((kind, request.subject.action)) or _LOSSES.get((kind, ""), _UNKNOWN_LOSS)


def operation(request: Request) -> str:
    """The workflows that decide it."""
    return escape(" and ".join(workflow.operation for workflow in request.workflows), NAME)


def asker(request: Request) -> str:
    """Who asked for it."""
    who = request.initiator or request.requestor
    if who is None:
        return "unknown (Intune does not say)"
    return escape(f"{who.name} (an application)" if isinstance(who, Application) else who.name, NAME)


def summary(request: Request) -> str:
    """The whole card in one plain line, for the notification and for readers that draw no cards."""
    if request.takes_votes and disagreement(request) is None:
        return f"{title(request)}: {asker(request)} asks for approval. {progress(request)}."
    return f"{title(request)}: {state(request)}."


def state(request: Request) -> str:
    """One word or two for where the request is."""
    if wrong := disagreement(request):
        return wrong.value
    if request.intune_status is IntuneStatus.COMPLETED:
        return "completed"
    if request.decision is Decision.APPROVED and request.decided_in is Source.PORTAL:
        return "approved in the portal"
    if request.decision is Decision.OPEN:
        return "waiting for approval"
    return request.decision.value


def reply(request: Request, occasion: Occasion) -> str:
    """One line under the card."""
    if occasion is Occasion.WAITS_FOR_ONE:
        return _waits_for_one(request)
    return _fill(_THREAD[occasion], request)


def alarm(request: Request, occasion: Occasion) -> str:
    """One line for the operations channel."""
    return f"Alarm: {title(request)} (asked by {asker(request)}) {_fill(_ALARMS[occasion], request)}"


def tell(request: Request, occasion: Occasion) -> str:
    """One line to the person whom it concerns."""
    return _fill(_TO_PERSON[occasion], request)


def _waits_for_one(request: Request) -> str:
    if request.takes_votes:
        return f"One more approval is needed: {progress(request)}."
    problem = f" {request.carry.problem}" if request.carry.problem else ""
    return f"{request.decision.value.capitalize()} here, but Intune has not been told.{problem} Please press Finish."


def _fill(sentence: str, request: Request) -> str:
    rejecter = next((vote.voter.name for vote in request.votes if vote.verdict is Verdict.REJECT), "")
    return sentence.format(
        by=f" by {escape(rejecter, NAME)}" if rejecter else "",
        decision=request.decision,
        groups=approver_group_names(request),
        intune=request.intune_status,
        progress=progress(request),
        requestor=asker(request),
        title=title(request),
    )
