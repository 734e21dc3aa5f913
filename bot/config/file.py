"""The configuration file: the two objects of the policy document, unchanged, and Countersign's own settings.

Every mistake is reported at once, with its path in the file and what to do. Whether the parts fit together is only
checked when each of them is valid.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from approvals.growth import LEAST_GROWTH, USUAL_GROWTH
from approvals.policy import QuorumMode
from approvals.request import DecisionsMode
from bot.config.alarm import AlarmSettings
from bot.config.document import ApprovalWorkflow, EmergencyAccess
from bot.config.emergency import BusinessHours, EmergencySettings, OnCallSettings, ReminderSettings
from bot.config.mistakes import all_different, mistakes_in, not_json, path_of, quoted, said_of
from bot.config.operations import KNOWN_OPERATIONS
from bot.config.parts import AppId, Channel, Groups, Names, Positive, Section, ShortName

NO_POLL_FOR = timedelta(minutes=10)
"""Longer than Graph's usual short outages, much shorter than any deadline."""


POLLS_MISSED = 3
"""One poll may fail and one may be late. Fewer missed polls do not justify an alarm."""


FORMAT = 1
"""Part of the digest: a version that interprets the same file differently counts as another configuration."""


class ConfigError(Exception):
    """The file cannot be used. `mistakes` has one sentence each, beginning with the path."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


def _nobody_twice(people: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Check that no account belongs to two people: they would count as one, or each could vote for the other."""
    all_different(account for person in people for account in person)
    return people


_ONE_WORD, _LISTS = "one word", "lists"  # tags for the two forms of `identities`; not part of any path


Identities = Annotated[
    Annotated[Literal["none", "employeeId"], Tag(_ONE_WORD)]
    | Annotated[tuple[Names, ...], AfterValidator(_nobody_twice), Tag(_LISTS)],
    Discriminator(lambda written: _ONE_WORD if isinstance(written, str) else _LISTS),
]
"""Which accounts belong to one human."""


class Deadlines(Section):
    """The deadlines for votes, counted from when a request was picked up. An earlier expiry in Intune applies first."""

    standard: Positive = Field(default=timedelta(hours=24), description="ISO 8601 duration: the usual deadline.")
    urgent: Positive = Field(default=timedelta(hours=4), description="ISO 8601 duration: for urgent requests.")


class OwnWorkflow(Section):
    """Approval rules that are not in `approvalWorkflows`. Without groups they only notify."""

    approver_groups: Groups | None = None
    required_approvers: int = Field(default=1, ge=1, le=20)
    channels: tuple[Channel, ...] | None = None


class BulkSettings(OwnWorkflow):
    """Additional approvals for one request for many devices, wherever it was filed, by additional people."""

    from_devices: int = Field(ge=2, le=10000, description="Applies to a request for so many devices or more.")
    approver_groups: Groups = Field(description="Groups that must approve in addition to the usual workflow.")


class WorkflowSettings(Section):
    """Countersign's own settings for one of the `approvalWorkflows`."""

    channels: tuple[Channel, ...] | None = Field(
        default=None, description='Teams channels: ids, or addresses from "Get link to channel".'
    )
    quorum: QuorumMode | None = Field(
        default=None,
        description='"any": different members of any group. "each": different people, at least one of every group. '
        'Default: "each" if requiredApprovers is at least the number of groups, otherwise "any".',
    )
    deadlines: Deadlines | None = None
    requester_groups: Groups | None = Field(
        default=None, description="Security groups whose members may request this operation in chat. Default: nobody."
    )
    scope_groups: Groups | None = Field(
        default=None,
        description="Only targets in these groups can be requested: the device, all of its users, or the target group.",
    )
    urgent: bool = Field(default=False, description="true: every request is urgent.")
    bulk: BulkSettings | None = Field(default=None, description="Additional approvals for a request for many devices.")
    reminders: ReminderSettings | None = None
    business_hours: BusinessHours | None = None
    policy_types: Names | None = Field(default=None, description="Values of Intune's operationApprovalPolicyType.")
    payload_types: Names | None = Field(default=None, description="Last parts of Intune's payloadType.")


class GuardSettings(OwnWorkflow):
    """Additional approvals for chat requests: for many orders in a short time, or for a protected target."""

    most_by_one: int = Field(
        default=5, ge=1, le=1000, description="How many orders of one person within the window need no guard."
    )
    most_by_all: int = Field(default=20, ge=1, le=10000, description="The same for all people together.")
    within: Annotated[timedelta, Field(gt=timedelta(), le=timedelta(days=7))] = Field(
        default=timedelta(hours=1), description="ISO 8601 duration: the length of the window."
    )
    protected_groups: Groups | None = Field(
        default=None, description="Orders for devices or people in these groups always need the guard."
    )
    approver_groups: Groups = Field(description="Groups that must approve in addition to the usual workflow.")


class Ours(Section):
    """Countersign's own settings."""

    decisions: DecisionsMode = Field(
        default=DecisionsMode.TRACK,
        description='"track": votes are counted here, and the decision is made in Intune. '
        '"carry": the deciding person signs in, and Countersign sends the decision to Intune in their name.',
    )
    channels: tuple[Channel, ...] = Field(default=(), description="For every workflow without channels of its own.")
    operations_channel: Channel | None = Field(default=None, description="The channel for alarms.")
    deadlines: Deadlines = Field(default_factory=Deadlines)
    workflows: dict[ShortName, WorkflowSettings] = Field(default={}, description="By the name of the operation.")
    access_policy_changes: OwnWorkflow = Field(
        default_factory=OwnWorkflow,
        description="Changes to Intune's access policies themselves. Each raises an alarm at once.",
    )
    everything_else: OwnWorkflow = Field(default_factory=OwnWorkflow, description="Requests that no workflow covers.")
    reminders: ReminderSettings = Field(
        default_factory=ReminderSettings, description="For every workflow without reminders of its own."
    )
    business_hours: BusinessHours | None = Field(default=None, description="Default: all hours are business hours.")
    on_call: OnCallSettings | None = None
    emergency: EmergencySettings = Field(default_factory=EmergencySettings)
    auditor_groups: Groups | None = Field(
        default=None, description="Groups whose members may use /audit and /history in chat. Default: nobody."
    )
    mailbox: ShortName | None = Field(
        default=None, description="The mailbox for outgoing mail. Default: no mail is sent."
    )
    guard: GuardSettings | None = Field(default=None, description="Additional approvals for chat requests.")
    identities: Identities = Field(
        default="employeeId",
        description="How the accounts of one person are known: by employee id, or from a list of lists of accounts.",
    )
    membership: Literal["direct", "transitive"] = Field(
        default="direct", description="Whether members of nested groups count. Intune is reported to ignore them."
    )
    keep_votes_of_former_members: bool = Field(
        default=False,
        description="For time-limited membership: a vote still counts after its voter has left the group.",
    )
    group_growth: int = Field(
        default=USUAL_GROWTH,
        ge=0,
        le=100,
        description="Percent by which a target group may grow before votes are void. Every group may grow by "
        f"{LEAST_GROWTH} members.",
    )
    application_owners: dict[AppId, Names] = Field(
        default={}, description="The people behind applications that file requests, by application (client) id."
    )
    poll_every: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(minutes=10))] = Field(
        default=timedelta(seconds=30), description="ISO 8601 duration: the polling interval."
    )
    alarm: AlarmSettings = Field(default_factory=AlarmSettings)

    @property
    def no_poll_for(self) -> timedelta:
        """The longest time without a complete poll, after which there is an alarm."""
        return self.alarm.no_poll_for or max(NO_POLL_FOR, POLLS_MISSED * self.poll_every)


class Config(Section):
    """The configuration file."""

    schema_address: str = Field(default="", alias="$schema", description="The address of the schema, for editors.")
    approval_workflows: tuple[ApprovalWorkflow, ...] = Field(min_length=1)
    emergency_access: EmergencyAccess | None = None
    countersign: Ours = Field(default_factory=Ours)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        operations = [workflow.operation for workflow in self.approval_workflows]
        mistakes = [mistake for workflow in self.approval_workflows for mistake in self._mistakes_in(workflow)]
        if twice := {name for name in operations if operations.count(name) > 1}:
            mistakes.append(f"approvalWorkflows: more than one workflow for {quoted(twice)}; keep one")
        if strangers := self.countersign.workflows.keys() - set(operations):
            mistakes.append(
                f"countersign.workflows: approvalWorkflows has no operation {quoted(strangers)}; correct it"
            )
        if self.countersign.no_poll_for < POLLS_MISSED * self.countersign.poll_every:
            mistakes.append("countersign.alarm.noPollFor: this must be at least three times pollEvery")
        accounts = (
            {name.casefold() for name in self.emergency_access.break_glass_accounts} if self.emergency_access else ()
        )
        if strangers := {name for name in self.countersign.emergency.custodians if name.casefold() not in accounts}:
            mistakes.append(f"countersign.emergency.custodians: {quoted(strangers)} must be in breakGlassAccounts")
        if mistakes:
            raise ValueError("\n".join(mistakes))
        return self

    @property
    def asks_in_chat(self) -> bool:
        """True if anybody may order anything in chat."""
        return any(settings.requester_groups for settings in self.countersign.workflows.values())

    def settings_of(self, operation: str) -> WorkflowSettings:
        """Return our settings for a workflow."""
        return self.countersign.workflows.get(operation) or WorkflowSettings()

    def _mistakes_in(self, workflow: ApprovalWorkflow) -> Iterator[str]:
        ours = self.settings_of(workflow.operation)
        where = f'countersign.workflows["{workflow.operation}"]'
        if not (ours.policy_types or ours.payload_types or workflow.operation in KNOWN_OPERATIONS):
            yield (
                f"{where}.policyTypes: Intune's policy types for this operation are not known; set them here, or "
                f"rename the operation to one of {quoted(KNOWN_OPERATIONS)}"
            )
        if ours.quorum is QuorumMode.EACH and workflow.required_approvers < len(workflow.approver_groups):
            yield (
                f'{where}.quorum: "each" needs an approver from each of {len(workflow.approver_groups)} groups, but '
                f"requiredApprovers is {workflow.required_approvers}; raise it"
            )


def load(path: Path) -> Config:
    """Read the file. Raises `ConfigError` with every mistake in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from None
    return parse(text)


def parse(text: str) -> Config:
    """Return the configuration from a text. Raises `ConfigError` with every mistake in it."""
    mistakes = not_json(text)
    try:
        config = Config.model_validate_json(text)
    except ValidationError as error:
        # Invalid JSON is already reported with its line. Pydantic would report it again. It refuses some texts that
        # Python reads, such as half of a surrogate pair: those only it reports.
        found = [_sentences(one) for one in mistakes_in(error) if one["type"] != "json_invalid" or not mistakes]
        raise ConfigError([*mistakes, *chain.from_iterable(found)]) from None
    if mistakes:
        raise ConfigError(mistakes)
    return config


def digest_of(config: Config, groups: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 of everything that affects decisions: the file's content and the object id of each named
    group."""
    content = config.model_dump(mode="json", exclude={"schema_address"})
    canonical = json.dumps([FORMAT, content, sorted(groups)], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def schema() -> dict[str, Any]:
    """Return the file's JSON schema, for editors."""
    made = Config.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "Countersign's configuration"}


def _sentences(mistake: Mapping[str, Any]) -> list[str]:
    path = path_of(step for step in mistake["loc"] if step not in {_ONE_WORD, _LISTS})
    said = said_of(mistake)
    return [f"{path}: {said}"] if path else said.splitlines()
