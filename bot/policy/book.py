"""From the configuration to the policy book: finds every group in the directory, and maps every operation."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from approvals.people import Group
from approvals.policy import Bulk, Guard, PolicyBook, QuorumMode, Rule, Workflow
from bot.config import file as config_file
from bot.config.document import ApprovalWorkflow
from bot.config.file import (
    Config,
    ConfigError,
    OwnWorkflow,
    WorkflowSettings,
    digest_of,
)
from bot.config.operations import ACCESS_POLICIES, KNOWN_OPERATIONS
from bot.graph.groups import find_group
from bot.graph.http import GraphClient
from bot.graph.people import IdentityRule, is_object_id, read_account
from bot.policy.emergency import ladder, resolve_emergency
from handlers.ports.errors import Conflict, Forbidden, NotFound, TokenRefused

GroupsByName = Mapping[str, Group]
"""Groups by their names in the configuration."""


async def resolve(config: Config, graph: GraphClient) -> PolicyBook:
    """Find every group and everybody who may break glass, and return the policy book.

    Raises `ConfigError` with every group that is missing or ambiguous, and every unknown account.
    """
    groups = await _found(graph, _group_names(config))
    auditors = tuple(groups[name] for name in config.countersign.auditor_groups or ())
    return replace(book(config, groups), emergency=await resolve_emergency(config, graph, groups), auditors=auditors)


async def resolve_owners(config: Config, graph: GraphClient) -> dict[str, tuple[str, ...]]:
    """Return the object ids of the people who own applications. Raises `ConfigError` with every unknown person."""
    owners: dict[str, tuple[str, ...]] = {}
    mistakes = []
    for app_id, names in config.countersign.application_owners.items():
        people = await asyncio.gather(*(read_account(graph, name) for name in names))
        mistakes += [
            f'countersign.applicationOwners: the directory has no account "{name}"'
            for name, person in zip(names, people, strict=True)
            if person is None
        ]
        owners[app_id.lower()] = tuple(person.id for person in people if person)
    if mistakes:
        raise ConfigError(mistakes)
    return owners


async def resolve_identities(config: Config, graph: GraphClient) -> IdentityRule:
    """Return which accounts belong to one human, by object id. Raises `ConfigError` with every unknown name.

    Names can be reassigned, and a renamed account would not be linked: one human with two votes. Object ids are not
    looked up, because one that no longer exists can do no harm.
    """
    written = config.countersign.identities
    if isinstance(written, str):
        return written
    names = [name for person in written for name in person if not is_object_id(name)]
    found = await asyncio.gather(*(read_account(graph, name) for name in names))
    ids = {name: account.id for name, account in zip(names, found, strict=True) if account}
    if len(ids) < len(names):
        unknown = [name for name in names if name not in ids]
        raise ConfigError(f'countersign.identities: the directory has no account "{name}"' for name in unknown)
    return tuple(tuple(ids.get(name, name.lower()) for name in person) for person in written)


def book(config: Config, groups: GroupsByName) -> PolicyBook:
    """Return the policy book; `groups` must have every group that the configuration names."""
    ours = config.countersign
    rules = [_rule(config, workflow, groups) for workflow in config.approval_workflows]
    told = _told(config, rules)
    changes = _own(config, "Access policy changes", ours.access_policy_changes, groups, told, alarms=True)
    rules.append(Rule(changes, *ACCESS_POLICIES))
    return PolicyBook(
        rules=tuple(rules),
        catch_all=_own(config, "Everything else", ours.everything_else, groups, told),
        guard=_guard(config, ours.guard, groups) if ours.guard else None,
        digest=digest_of(config, ((name, group.id) for name, group in groups.items())),
    )


def _rule(config: Config, workflow: ApprovalWorkflow, groups: GroupsByName) -> Rule:
    settings = config.settings_of(workflow.operation)
    policy_types, kinds = KNOWN_OPERATIONS.get(workflow.operation, (frozenset[str](), frozenset[str]()))
    if settings.policy_types is not None:
        policy_types = frozenset(name.casefold() for name in settings.policy_types)
    if settings.payload_types is not None:
        kinds = frozenset(name.casefold() for name in settings.payload_types)
    return Rule(_workflow(config, workflow, groups), policy_types, kinds, _bulk(config, workflow, groups))


def _bulk(config: Config, workflow: ApprovalWorkflow, groups: GroupsByName) -> Bulk | None:
    bulk = config.settings_of(workflow.operation).bulk
    if bulk is None or not workflow.enabled:
        return None
    on_top = _own(config, f"{workflow.operation} of many devices", bulk, groups, config.countersign.channels)
    return Bulk(bulk.from_devices, replace(on_top, on_top=True))


def _workflow(config: Config, workflow: ApprovalWorkflow, groups: GroupsByName) -> Workflow:
    settings, ours = config.settings_of(workflow.operation), config.countersign
    deadlines = settings.deadlines or ours.deadlines
    distinct = _distinct(groups[name] for name in workflow.approver_groups)
    enough = workflow.required_approvers >= len(distinct)
    return Workflow(
        operation=workflow.operation,
        description=workflow.description,
        enabled=workflow.enabled,
        required=workflow.required_approvers,
        groups=distinct,
        mode=settings.quorum or (QuorumMode.EACH if enough else QuorumMode.ANY),
        channels=ours.channels if settings.channels is None else settings.channels,
        deadline=deadlines.standard,
        urgent_deadline=deadlines.urgent,
        keeps_votes=ours.keep_votes_of_former_members,
        growth=ours.group_growth,
        urgent=settings.urgent,
        ladder=ladder(config, settings),
        requesters=_distinct(groups[name] for name in settings.requester_groups or ()),
        scope=_distinct(groups[name] for name in settings.scope_groups or ()),
    )


def _guard(config: Config, guard: config_file.GuardSettings, groups: GroupsByName) -> Guard:
    return Guard(
        workflow=replace(_own(config, "Guarded orders", guard, groups, config.countersign.channels), on_top=True),
        most_by_one=guard.most_by_one,
        most_by_all=guard.most_by_all,
        within=guard.within,
        protected=_distinct(groups[name] for name in guard.protected_groups or ()),
    )


def _told(config: Config, rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return the channels for requests outside every workflow: never none while there is any channel."""
    ours = config.countersign
    alarms = (ours.operations_channel,) if ours.operations_channel else ()
    every = dict.fromkeys(channel for rule in rules for channel in rule.workflow.channels)
    return ours.channels or alarms or tuple(every)


def _own(
    config: Config,
    name: str,
    own: OwnWorkflow,
    groups: GroupsByName,
    channels: tuple[str, ...],
    *,
    alarms: bool = False,
) -> Workflow:
    ours = config.countersign
    return Workflow(
        operation=name,
        description="",
        enabled=True,
        required=own.required_approvers,
        groups=_distinct(groups[group] for group in own.approver_groups or ()),
        mode=QuorumMode.ANY,
        channels=channels if own.channels is None else own.channels,
        deadline=ours.deadlines.standard,
        urgent_deadline=ours.deadlines.urgent,
        alarms=alarms,
        keeps_votes=ours.keep_votes_of_former_members,
        growth=ours.group_growth,
        ladder=ladder(config, WorkflowSettings()),
    )


def _distinct(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return each group once, even if it is named both by name and by id."""
    return tuple({group.id: group for group in groups}.values())


def _group_names(config: Config) -> list[str]:
    ours = config.countersign
    named = [name for workflow in config.approval_workflows for name in workflow.approver_groups]
    for settings in ours.workflows.values():
        named += (*(settings.requester_groups or ()), *(settings.scope_groups or ()))
        named += settings.bulk.approver_groups if settings.bulk else ()
    for own in (ours.access_policy_changes, ours.everything_else):
        named += own.approver_groups or ()
    emergency = ours.emergency
    named += (*(emergency.groups or ()), *(emergency.review_groups or ()), *(ours.auditor_groups or ()))
    if ours.guard:
        named += (*ours.guard.approver_groups, *(ours.guard.protected_groups or ()))
    return list(dict.fromkeys(named))


async def _found(graph: GraphClient, names: list[str]) -> dict[str, Group]:
    answers = await asyncio.gather(*(_find(graph, name) for name in names))
    mistakes = [answer for answer in answers if isinstance(answer, str)]
    if mistakes:
        raise ConfigError(mistakes)
    return {name: answer for name, answer in zip(names, answers, strict=True) if isinstance(answer, Group)}


async def _find(graph: GraphClient, name: str) -> Group | str:
    try:
        return await find_group(graph, name)
    except TokenRefused:
        raise
    except (NotFound, Conflict, Forbidden) as error:
        return f'approver group "{name}": {error}'
