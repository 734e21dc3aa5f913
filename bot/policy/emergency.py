"""From the configuration to the reminder ladder and the emergency path that the rules use."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from approvals.emergency import Emergency, EmergencyAccount
from approvals.hours import Hours
from approvals.ladder import Ladder, Rung, Step
from approvals.people import Group, Person
from bot.config.emergency import BusinessHours, LadderStep, OnCallSettings
from bot.config.file import (
    Config,
    ConfigError,
    WorkflowSettings,
)
from bot.config.parts import DAYS
from bot.graph.http import GraphClient
from bot.graph.people import IdentityRule, linked_accounts, read_account


async def resolve_emergency(config: Config, graph: GraphClient, groups: Mapping[str, Group]) -> Emergency | None:
    """Return who may break glass, by object id; `None` if the policy document has no emergency path.

    Raises `ConfigError` with every account that the directory does not know.
    """
    written, ours = config.emergency_access, config.countersign.emergency
    if written is None:
        return None
    names = [*written.break_glass_accounts, *(name for people in ours.custodians.values() for name in people)]
    people = await _people(config, graph, names)
    approver_groups = [name for workflow in config.approval_workflows for name in workflow.approver_groups]
    return Emergency(
        open=written.emergency_bypass_enabled,
        accounts=tuple(
            EmergencyAccount(people[name], tuple(people[other] for other in _custodians(ours.custodians, name)))
            for name in written.break_glass_accounts
        ),
        groups=tuple(groups[name] for name in ours.groups or ()),
        reviewers=tuple(groups[name] for name in ours.review_groups or ()),
        approvers=tuple({groups[name].id: groups[name] for name in approver_groups}.values()),
        review_due=ours.review_within,
        ticket=ours.ticket_pattern,
        channels=_alarm_channels(config),
    )


def ladder(config: Config, settings: WorkflowSettings) -> Ladder:
    """Return the ladder of a workflow, without steps whose channel is not set up."""
    ours = config.countersign
    reminders, hours = settings.reminders or ours.reminders, settings.business_hours or ours.business_hours
    missing = {rung for rung, there in ((Rung.MAIL, ours.mailbox), (Rung.ON_CALL, ours.on_call)) if not there}
    standard, urgent = _steps(reminders.standard, missing), _steps(reminders.urgent, missing)
    skipped = [step.do for step in reminders.standard[: reminders.skip_outside_hours] if step.do not in missing]
    skipped_urgent = [step.do for step in reminders.urgent[: reminders.skip_outside_hours_urgent]]
    return Ladder(
        standard=standard,
        urgent=urgent,
        skips_at_night=len(skipped),
        urgent_skips_at_night=sum(rung not in missing for rung in skipped_urgent),
        hours=_hours(hours) if hours else None,
        **_paging(ours.on_call),
    )


def _steps(steps: Iterable[LadderStep], missing: set[Rung]) -> tuple[Step, ...]:
    return tuple(Step(step.after, step.do) for step in steps if step.do not in missing)


def _paging(on_call: OnCallSettings | None) -> dict[str, Any]:
    return {"chat": on_call.chat, "acknowledge": on_call.acknowledge_within} if on_call else {}


def _hours(hours: BusinessHours) -> Hours:
    days = frozenset(DAYS.index(day) for day in hours.days)
    return Hours(ZoneInfo(hours.time_zone), days, hours.opens, hours.closes, frozenset(hours.holidays))


def _alarm_channels(config: Config) -> tuple[str, ...]:
    ours = config.countersign
    chats = (ours.on_call.chat if ours.on_call else None, ours.operations_channel)
    return tuple(dict.fromkeys(chat for chat in chats if chat))


def _custodians(custodians: Mapping[str, Iterable[str]], account: str) -> Iterable[str]:
    return next((people for name, people in custodians.items() if name.casefold() == account.casefold()), ())


async def _people(config: Config, graph: GraphClient, names: Iterable[str]) -> dict[str, Person]:
    wanted = list(dict.fromkeys(names))
    found = await asyncio.gather(*(find_person(graph, config.countersign.identities, name) for name in wanted))
    unknown = [name for name, person in zip(wanted, found, strict=True) if person is None]
    if unknown:
        raise ConfigError(f'emergencyAccess: the directory has no account "{name}"' for name in unknown)
    return {name: person for name, person in zip(wanted, found, strict=True) if person}


async def find_person(graph: GraphClient, identities: IdentityRule, name: str) -> Person | None:
    """Return a person by object id or name, with their linked accounts."""
    account = await read_account(graph, name)
    if account is None:
        return None
    linked = await linked_accounts(graph, account, identities)
    return Person(account.id, account.name, linked)
