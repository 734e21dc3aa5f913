"""Settings for behaviour of Intune that is unknown, or on which reports differ."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal


@dataclass
class Knobs:
    """Defaults are the latest observations; change one to test that the product does not depend on it.

    profile            answer to a filing: 412 BadRequest, or 403 ApprovalRequired as documented in May 2026
    nested             Intune's errors are JSON inside the message
    code_header        the approval code is also in a response header, not only in the body
    identity_sets      requestor and approver: full, null, or only their application part
    upn_key            name of the user principal name's property in an identity
    extra_fields       rows have the undocumented properties that say what is pending
    shown_status       request id -> status to show instead (an unknown enum member)
    lags               for how long a completed request is still shown as approved
    shown_policy_types request id -> policy types to show instead
    shown_fields       request id -> any properties to show instead
    requires_approval  false answer of retrieveOperationsRequiringApproval()
    hidden_from_apps   request ids for which applications get 404
    filter_refused     $filter on requests is answered 400
    assign_body        a request to assign shows the body of its call as actionParameters
    wrapped_status     retrieveRequestStatus wraps its answer in "value"
    page_size          rows per page
    directory_page     most rows on a page of the directory, whatever is requested
    page_overlap       rows of the directory that are on two pages, as when somebody joins during reading
    expiry             time from filing to expiration
    visible_for        time that a request stays visible after its last change
    after_cancel       status after cancelApproval
    early_completion   status code of a completion before the approval
    approver_check     whether nested members of an approver group count
    action_delay       duration of a device action
    action_outcome     result of device actions
    action_shown       where a device's record shows an action: in deviceActionResults and managementState, only in
                       managementState (powershell-intune-samples#35, #161), or nowhere
    leaves             when a device's record is removed after wipe or retire: never, at once, or when the action is
                       done, as documented (learn.microsoft.com/mem/intune/remote-actions/devices-wipe)
    comes_back         whether the device enrolls again after that, as a new record with the same name and serial
                       number and another id (IntuneDocs#1903)
    """

    profile: Literal["observed", "docs-2026-05"] = "observed"
    nested: bool = False
    code_header: bool = True
    identity_sets: Literal["full", "null", "app_only"] = "full"
    upn_key: str = "upn"
    extra_fields: bool = True
    shown_status: dict[str, str] = field(default_factory=dict)
    lags: timedelta = timedelta(0)
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
