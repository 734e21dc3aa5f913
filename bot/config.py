"""The configuration file: the policy document's two objects unchanged, and our settings beside them.

Every mistake is reported at once, each with its path in the file and what to do.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from approvals.policy import QuorumMode
from approvals.request import DecisionsMode
from bot.channel_address import channel_id
from bot.operations import KNOWN_OPERATIONS

FORMAT = 1
"""Part of the digest, so that a version that reads the same file otherwise counts as another configuration."""

Name = Annotated[str, Field(min_length=1, max_length=256)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]
Channel = Annotated[str, BeforeValidator(channel_id)]
Positive = Annotated[timedelta, Field(gt=timedelta())]


class ConfigError(Exception):
    """The file cannot be used; `mistakes` holds one sentence each, beginning with the path."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


def _refuse_repeated(where: str, names: Iterable[str]) -> None:
    listed = list(names)
    repeated = {name for name in listed if listed.count(name) > 1}
    if repeated:
        raise ValueError(f"{where} has {_quoted(repeated)} more than once")


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in sorted(names))


class _Section(BaseModel):
    """A part of the file. A key that nobody reads is a mistake: it was meant to do something."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, validate_by_name=False)


class ApprovalWorkflow(_Section):
    """How one operation is approved."""

    operation: Name = Field(description="The operation's name; known names need no mapping to Intune's policy types.")
    description: str = Field(default="", description="Shown nowhere but here; for whoever reads this file.")
    enabled: bool = Field(default=True, description="false: requests are shown, and decided by nobody here.")
    required_approvers: int = Field(ge=1, le=20, description="So many different people have to approve.")
    approver_groups: Names = Field(description="Security groups by display name or object id. Never empty.")

    @model_validator(mode="after")
    def _groups_differ(self) -> Self:
        _refuse_repeated("approverGroups", self.approver_groups)
        return self


class EmergencyAccess(_Section):
    """The emergency path."""

    break_glass_accounts: Names = Field(description="Accounts that may invoke it, by user principal name.")
    emergency_bypass_enabled: bool = Field(description="Whether there is an emergency path at all.")
    post_emergency_review_required: bool = Field(description="Must be true where the emergency path is open.")
    emergency_justification_required: bool = Field(description="Must be true where the emergency path is open.")
    audit_log_retention: Positive = Field(description='How long the audit is kept, as an ISO 8601 duration: "P2555D".')

    @model_validator(mode="after")
    def _never_silent(self) -> Self:
        if self.emergency_bypass_enabled and not self.emergency_justification_required:
            raise ValueError("an emergency without a justification is not accepted; set emergencyJustificationRequired")
        if self.emergency_bypass_enabled and not self.post_emergency_review_required:
            raise ValueError("an emergency without a review is not accepted; set postEmergencyReviewRequired")
        return self


class Deadlines(_Section):
    """Until when votes are taken, counted from when a request was picked up; never later than Intune's own end."""

    standard: Positive = Field(default=timedelta(hours=24), description="ISO 8601 duration.")
    urgent: Positive = Field(default=timedelta(hours=4), description="ISO 8601 duration.")


class WorkflowSettings(_Section):
    """What the policy document leaves open about one of its workflows."""

    channels: tuple[Channel, ...] | None = Field(
        default=None, description='Teams channels: ids, or addresses from "Get link to channel".'
    )
    quorum: QuorumMode | None = Field(
        default=None,
        description='"any": different members of any group. "each": different people, at least one of every group. '
        'Without it "each" where the number of approvers allows.',
    )
    deadlines: Deadlines | None = None
    policy_types: tuple[Name, ...] | None = Field(default=None, description="Intune's operationApprovalPolicyType.")
    payload_types: tuple[Name, ...] | None = Field(default=None, description="The last part of Intune's payloadType.")


class OwnWorkflow(_Section):
    """A workflow that the policy document has no name for. Without groups it only notifies."""

    approver_groups: tuple[Name, ...] | None = Field(default=None, min_length=1)
    required_approvers: int = Field(default=1, ge=1, le=20)
    channels: tuple[Channel, ...] | None = None

    @model_validator(mode="after")
    def _groups_differ(self) -> Self:
        _refuse_repeated("approverGroups", self.approver_groups or ())
        return self


class Ours(_Section):
    """Our own settings."""

    decisions: DecisionsMode = Field(
        default=DecisionsMode.TRACK,
        description='"track": votes are counted here and the decision is taken in Intune. '
        '"carry": the deciding person signs in and Countersign takes it to Intune in their name.',
    )
    channels: tuple[Channel, ...] = Field(default=(), description="For every workflow that names none of its own.")
    operations_channel: Channel | None = Field(default=None, description="Alarms go here.")
    deadlines: Deadlines = Field(default_factory=Deadlines)
    workflows: dict[Name, WorkflowSettings] = Field(default={}, description="By the operation's name.")
    access_policy_changes: OwnWorkflow = Field(
        default_factory=OwnWorkflow,
        description="Changes to Intune's access policies themselves. They also alarm at once.",
    )
    everything_else: OwnWorkflow = Field(default_factory=OwnWorkflow, description="Whatever no workflow covers.")
    identities: Literal["none", "employeeId"] | tuple[Names, ...] = Field(
        default="employeeId",
        description="Which accounts are one human: those with the same employee id, or a list of lists of accounts.",
    )
    membership: Literal["direct", "transitive"] = Field(
        default="direct", description="Whether members of nested groups count. Intune is reported to ignore them."
    )
    keep_votes_of_former_members: bool = Field(
        default=False, description="For time-limited membership: a vote stays good when its voter has left the group."
    )
    application_owners: dict[Name, Names] = Field(
        default={}, description="By application id, the people behind an application that files requests."
    )
    poll_every: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(minutes=10))] = Field(
        default=timedelta(seconds=30), description="ISO 8601 duration; how long a request may go unnoticed."
    )


class Config(_Section):
    """The whole file."""

    schema_address: str = Field(default="", alias="$schema", description="For editors.")
    approval_workflows: tuple[ApprovalWorkflow, ...] = Field(min_length=1)
    emergency_access: EmergencyAccess | None = None
    countersign: Ours = Field(default_factory=Ours)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        operations = [workflow.operation for workflow in self.approval_workflows]
        _refuse_repeated("approvalWorkflows", operations)
        mistakes = [mistake for workflow in self.approval_workflows for mistake in self._mistakes_in(workflow)]
        if strangers := self.countersign.workflows.keys() - set(operations):
            mistakes.append(f"countersign.workflows: approvalWorkflows has no operation {_quoted(strangers)}")
        if mistakes:
            raise ValueError("\n".join(mistakes))
        return self

    def settings_of(self, operation: str) -> WorkflowSettings:
        """Our settings of a workflow."""
        return self.countersign.workflows.get(operation) or WorkflowSettings()

    def _mistakes_in(self, workflow: ApprovalWorkflow) -> Iterator[str]:
        ours = self.settings_of(workflow.operation)
        where = f'countersign.workflows["{workflow.operation}"]'
        if not (ours.policy_types or ours.payload_types or workflow.operation in KNOWN_OPERATIONS):
            yield (
                f"{where}.policyTypes: what Intune calls this operation is not known; name its policy types here, or "
                f"call the operation one of {_quoted(KNOWN_OPERATIONS)}"
            )
        if ours.quorum is QuorumMode.EACH and workflow.required_approvers < len(workflow.approver_groups):
            yield (
                f"{where}.quorum: somebody of each of {len(workflow.approver_groups)} groups cannot be had from "
                f"{workflow.required_approvers} approvers; raise requiredApprovers"
            )


def load(path: Path) -> Config:
    """Read the file; `ConfigError` with every mistake in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from None
    return parse(text)


def parse(text: str) -> Config:
    """The configuration in a text; `ConfigError` with every mistake in it."""
    try:
        return Config.model_validate(json.loads(text, object_pairs_hook=_without_repeated_keys))
    except json.JSONDecodeError as error:
        raise ConfigError([f"line {error.lineno}, column {error.colno}: this is no JSON: {error.msg}"]) from None
    except ValidationError as error:
        sentences = [_sentence(mistake) for mistake in error.errors(include_url=False)]
        raise ConfigError(line for sentence in sentences for line in sentence.splitlines()) from None
    except ValueError as error:
        raise ConfigError([str(error)]) from None


def digest_of(config: Config, groups: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over everything that decides: the file's content and which group (object id) each name stands for."""
    content = config.model_dump(mode="json", exclude={"schema_address"})
    canonical = json.dumps([FORMAT, content, sorted(groups)], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def schema() -> dict[str, Any]:
    """The JSON schema of the file, for editors."""
    made = Config.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "Countersign's configuration"}


def _sentence(mistake: Any) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in mistake["loc"]).lstrip(".")
    said = mistake["msg"].removeprefix("Value error, ")
    return f"{path}: {_PLAIN.get(mistake['type'], said)}" if path else said


_PLAIN = {
    "extra_forbidden": "this key is not known; check its spelling",
    "missing": "this is missing",
    "too_short": "this must not be empty; name at least one",
    "string_too_short": "this must not be empty",
}


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON would silently take the last one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        _refuse_repeated("an object", [key for key, _ in pairs])
    return found
