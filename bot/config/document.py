"""The two objects of the policy document: workflows and emergency access."""

from typing import Self

from pydantic import (
    Field,
    model_validator,
)

from bot.config.parts import Groups, Names, Retention, Section, ShortName


class ApprovalWorkflow(Section):
    """The approval rules of one operation."""

    operation: ShortName = Field(
        description="The operation's name; known names need no mapping to Intune's policy types."
    )
    description: str = Field(default="", description="A comment for readers of this file.")
    enabled: bool = Field(default=True, description="false: requests are shown, and nobody can decide them here.")
    required_approvers: int = Field(ge=1, le=20, description="The number of different people who must approve.")
    approver_groups: Groups = Field(description="Security groups by display name or object id; at least one.")


class EmergencyAccess(Section):
    """The emergency path."""

    break_glass_accounts: Names = Field(description="Accounts that may use break-glass, by user principal name.")
    emergency_bypass_enabled: bool = Field(description="Whether the emergency path is enabled.")
    post_emergency_review_required: bool = Field(description="Must be true if the emergency path is enabled.")
    emergency_justification_required: bool = Field(description="Must be true if the emergency path is enabled.")
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
            raise ValueError(f"if emergencyBypassEnabled is true, {' and '.join(missing)} must be true as well")
        return self
