"""How this Intune behaves where reports about the real one differ, or where nobody knows."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal


@dataclass
class Knobs:
    """Defaults are what was observed most recently; turn one to test that the product does not depend on it.

    profile            how a filing is answered: 412 BadRequest, or 403 ApprovalRequired as documented in May 2026
    nested             Intune's errors arrive as JSON inside the message
    code_header        the approval code also arrives as a response header, not only inside the body
    identity_sets      requestor and approver: full, null, or with their application half only
    upn_key            how the user principal name is spelled inside an identity
    extra_fields       rows carry the undocumented properties that say what is pending
    shown_status       request id -> status to show instead of the true one (an enum member nobody has heard of)
    lags               a completed request goes on being shown as approved
    shown_policy_types request id -> policy types to show instead
    shown_fields       request id -> properties to show instead, whatever they are
    requires_approval  what retrieveOperationsRequiringApproval() tells instead of the truth
    hidden_from_apps   request ids that applications get 404 for
    filter_refused     $filter on requests is answered 400
    assign_body        a request to assign shows the body of its own call as actionParameters
    wrapped_status     retrieveRequestStatus wraps its answer in "value"
    page_size          rows per page
    directory_page     most rows on a page of the directory, whatever is asked for
    page_overlap       rows of the directory that stand on two pages, as where somebody joins while it is read
    expiry             from filing to expiration
    visible_for        how long a request stays visible after its last change
    after_cancel       the status that cancelApproval leaves behind
    early_completion   the status code of a completion that comes before the approval
    approver_check     whether nested members of an approver group count
    action_delay       from a device action's issue to its end
    action_outcome     how device actions end
    action_shown       where the record of a device shows what is done to it: in deviceActionResults as well, in
                       managementState alone (powershell-intune-samples#35, #161), or nowhere
    leaves             when the record of a device that was wiped or retired goes: never, at once, or once it has
                       happened, as is documented (learn.microsoft.com/mem/intune/remote-actions/devices-wipe)
    comes_back         how it is enrolled again after that: not, or as a new record of the same name and serial number
                       with an id of its own (IntuneDocs#1903)
    """

    profile: Literal["observed", "docs-2026-05"] = "observed"
    nested: bool = False
    code_header: bool = True
    identity_sets: Literal["full", "null", "app_only"] = "full"
    upn_key: str = "upn"
    extra_fields: bool = True
    shown_status: dict[str, str] = field(default_factory=dict)
    lags: bool = False
    shown_policy_types: dict[str, list[str]] = field(default_factory=dict)
    shown_fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden_from_apps: set[str] = field(default_factory=set)
    filter_refused: bool = False
    assign_body: bool = True
    wrapped_status: bool = True
    requires_approval: list[dict[str, Any]] | None = None
    page_size: int = 100
    directory_page: int = 999
    page_overlap: int = 0
    expiry: timedelta = timedelta(days=3)
    visible_for: timedelta = timedelta(days=30)
    after_cancel: Literal["cancelled", "needsApproval"] = "cancelled"
    early_completion: Literal[403, 409] = 403
    approver_check: Literal["direct", "transitive"] = "direct"
    action_delay: timedelta = timedelta(minutes=20)
    action_outcome: Literal["done", "failed", "canceled"] = "done"
    action_shown: Literal["results", "state", "nowhere"] = "results"
    leaves: Literal["never", "at once", "when done"] = "never"
    comes_back: bool = False
