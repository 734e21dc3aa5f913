"""Approval requests as Graph shows them."""

from datetime import datetime
from typing import Any

from simulator.graph.call import Call
from simulator.graph.caller import Caller
from simulator.graph.knobs import Knobs
from simulator.graph.state import Filed
from simulator.graph.times import plain, precise

# Members of the enumeration before its sentinel; later ones are sent only to clients that ask for them.
KNOWN_POLICY_TYPES = frozenset({"unknown", "deviceWipe", "deviceRetire", "deviceDelete", "app", "script", "role"})
UNKNOWN = "unknownFutureValue"
DOCUMENTED = (
    "id",
    "requestDateTime",
    "expirationDateTime",
    "lastModifiedDateTime",
    "requestor",
    "approver",
    "status",
    "requestJustification",
    "approvalJustification",
    "requiredOperationApprovalPolicyTypes",
)


def request_row(call: Call, request: Filed, knobs: Knobs, now: datetime) -> dict[str, Any]:
    """The row of one request, in the shape that the knobs ask for."""
    lags = request.status == "completed" and now < request.modified_at + knobs.lags
    status = "approved" if lags else request.status
    policy_types = knobs.shown_policy_types.get(request.id, list(request.policy_types))
    row = {
        "id": request.id,
        "requestDateTime": precise(request.requested_at),
        "expirationDateTime": plain(request.expires_at),
        "lastModifiedDateTime": precise(request.modified_at),
        "requestor": _identity_set(request.requestor, knobs),
        "approver": _identity_set(request.approver, knobs),
        "status": knobs.shown_status.get(request.id, status),
        "requestJustification": request.justification,
        "approvalJustification": request.approval_justification,
        "requiredOperationApprovalPolicyTypes": [policy_type(call, name) for name in policy_types],
    }
    extra = dict(request.details) if knobs.extra_fields else {}
    return row | extra | knobs.shown_fields.get(request.id, {})


def policy_type(call: Call, name: str) -> str:
    """Return the policy type, or the sentinel for a new one if the client did not ask for new ones."""
    wants_all = "include-unknown-enum-members" in call.headers.get("prefer", "").lower()
    return name if wants_all or name in KNOWN_POLICY_TYPES else UNKNOWN


def _identity_set(caller: Caller | None, knobs: Knobs) -> dict[str, Any] | None:
    if caller is None or knobs.identity_sets == "null":
        return None
    identity = {"id": caller.id, "displayName": caller.name}
    application = identity if caller.kind == "app" else None
    user = None
    if caller.kind == "user" and knobs.identity_sets == "full":
        user = identity | {knobs.upn_key: caller.upn}
    return {"application": application, "device": None, "user": user}
