"""approve, reject and cancelApproval: the checks, their order, and the effects."""

from uuid import uuid4

from simulator.graph import permissions
from simulator.graph.call import Answer, Call
from simulator.graph.errors import GraphError, bad_request
from simulator.graph.state import Decision, Filed, State, Verdict
from simulator.world import Group

LONGEST_NOTE = 1024
_SOURCES = {"unknown", "adminconsole", "email", "unknownfuturevalue"}
_ACTIVITIES: dict[Verdict, str] = {"approve": "Approve", "reject": "Reject", "cancelApproval": "Cancel approval of"}

# The first text was seen in a real tenant; the real statuses and the other texts are unknown.
_REFUSALS = {
    "no person": (403, "Forbidden", "Valid user identity required while Multi Admin Approval is enabled"),
    "expired": (400, "BadRequest", "The approval request has expired."),
    "wrong state": (409, "Conflict", "The approval request is not in a state that allows this action."),
    "own request": (403, "Forbidden", "The requestor cannot decide their own approval request."),
    "not an approver": (403, "Forbidden", "The user is not a member of an approver group of the access policy."),
    "not permitted": (403, "Forbidden", "The user lacks the Intune permission to read the resource."),
}


class Deciding:
    """The three actions on another person's request."""

    def __init__(self, state: State) -> None:
        self._state = state

    def approve(self, call: Call) -> Answer:
        """Move a request from needsApproval to approved: the change may now be completed, but has not happened."""
        return self._decide(call, "approve", "needsApproval", "approved")

    def reject(self, call: Call) -> Answer:
        """Move a request from needsApproval to rejected, which is final."""
        return self._decide(call, "reject", "needsApproval", "rejected")

    def cancel_approval(self, call: Call) -> Answer:
        """Withdraw an approval before the request is completed."""
        return self._decide(call, "cancelApproval", "approved", self._state.knobs.after_cancel)

    def _decide(self, call: Call, verdict: Verdict, before: str, after: str) -> Answer:
        request = self._permitted(call, before)
        note = call.text("justification", longest=LONGEST_NOTE)
        if call.text("approvalSource").lower() not in _SOURCES | {""}:
            raise bad_request("The value of 'approvalSource' is not a known operationApprovalSource.")
        now = self._state.clock.now()
        request.move(after, now)
        request.approver = None if after == "needsApproval" else call.caller
        request.approval_justification = note
        request.decisions.append(Decision(verdict, call.caller, note, now))
        self._state.record(call.caller, _ACTIVITIES[verdict], request)
        return Answer(200, {"@odata.context": call.context("Edm.String"), "value": str(uuid4())})

    def _permitted(self, call: Call, before: str) -> Filed:
        caller = call.caller
        if caller.kind == "app" or caller.partner:
            raise _refusal("no person")
        caller.require(permissions.APPROVALS)
        request = self._state.find(call.arguments["id"], caller)
        if request.status == "expired":
            raise _refusal("expired")
        if request.status != before:
            raise _refusal("wrong state")
        if request.requestor.same_as(caller):
            raise _refusal("own request")
        if not all(self._approves(caller.id, policy_type) for policy_type in request.policy_types):
            raise _refusal("not an approver")
        user = self._state.world.users[caller.id]
        if not (user.intune_read and user.licensed):
            raise _refusal("not permitted")
        return request

    def _approves(self, user_id: str, policy_type: str) -> bool:
        groups = self._state.world.groups
        return any(
            _counts(groups[group_id]) and self._member(user_id, group_id)
            for policy in self._state.policies(policy_type)
            for group_id in policy.approver_group_ids
            if group_id in groups
        )

    def _member(self, user_id: str, group_id: str) -> bool:
        if self._state.knobs.approver_check == "direct":
            return self._state.world.direct_member(user_id, group_id)
        return self._state.world.transitive_member(user_id, group_id)


def _counts(group: Group) -> bool:
    """Return whether the group counts: only security groups with an Intune role do; others are ignored silently."""
    return group.security_enabled and not group.mail_enabled and not group.unified and group.on_role_assignment


def _refusal(why: str) -> GraphError:
    status, code, message = _REFUSALS[why]
    return GraphError(status, code, message, intune=True)
