"""The policy document's own two objects: workflows and emergency access."""

from typing import Self

from pydantic import (
    Field,
    model_validator,
)

from bot.config.parts import Groups, Name, Names, Retention, Section


class ApprovalWorkflow(Section):
    """How one operation is approved."""

    operation: Name = Field(description="The operation's name; known names need no mapping to Intune's policy types.")
    description: str = Field(default="", description="Shown nowhere but here; for whoever reads this file.")
    enabled: bool = Field(default=True, description="false: requests are shown, and decided by nobody here.")
    required_approvers: int = Field(ge=1, le=20, description="How many different people have to approve.")
    approver_groups: Groups = Field(description="Security groups by display name or object id. Never empty.")


class EmergencyAccess(Section):
    """The emergency path."""

    break_glass_accounts: Names = Field(description="Accounts that may invoke it, by user principal name.")
    emergency_bypass_enabled: bool = Field(description="Whether there is an emergency path at all.")
    post_emergency_review_required: bool = Field(description="Must be true where the emergency path is open.")
    emergency_justification_required: bool = Field(description="Must be true where the emergency path is open.")
    audit_log_retention: Retention = Field(
        description='How long the audit is kept, as an ISO 8601 duration in days or weeks: "P2555D".'
    )

    @model_validator(mode="after")
    def _never_silent(self) -> Self:
        needed = {
            "emergencyJustificationRequired": self.emergency_justification_required,
            "postEmergencyReviewRequired": self.post_emergency_review_required,
        }
        missing = [name for name, required in needed.items() if not required]
        if self.emergency_bypass_enabled and missing:
            raise ValueError(f"where emergencyBypassEnabled is true, {' and '.join(missing)} must be true as well")
        return self
