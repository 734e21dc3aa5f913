"""`python -m bot check`: reports what is wrong with the setup, and what to do about it, line by line."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

from approvals.access_policies import AccessPolicy
from approvals.policy import Rule, Workflow
from approvals.request import DecisionsMode
from bot.audit_log.opening import directory_of
from bot.check import key_files, reach
from bot.check.alarm import alarms
from bot.check.audit import audit_troubles
from bot.check.brakes import brakes
from bot.check.emergency import doubts
from bot.check.finding import CheckResult, Mark
from bot.check.permissions import troubles
from bot.check.private_answers import private_answers
from bot.check.store import redis_findings
from bot.config.environment import AppIdentity, Settings, SettingsError, read
from bot.config.file import (
    Config,
    ConfigError,
    load,
)
from bot.entra.application_tokens import AppTokens
from bot.graph.groups import group_members
from bot.graph.people import is_object_id, read_account
from bot.graph.policies import read_policies
from bot.policy.book import resolve, resolve_owners
from bot.wiring.neighbours import (
    REAL_TIME,
    Neighbours,
    neighbours,
)
from bot.wiring.requirements import missing_to_file
from handlers.ports.errors import Forbidden, PortError, TokenRefused


async def findings() -> AsyncIterator[CheckResult]:
    """Report everything that can be checked, in an order in which each step needs the earlier ones."""
    try:
        settings = read()
    except SettingsError as error:
        for mistake in error.mistakes:
            yield CheckResult(Mark.WRONG, mistake, "Correct it in the environment or in .env (docs/setup.md).")
        return
    files = list(key_files.of_bot(settings))
    if wrong := key_files.mistakes(files):
        for mistake in wrong:
            yield CheckResult(Mark.WRONG, mistake, "Correct the file. docs/configuration.md says what it must contain.")
        return
    yield CheckResult(Mark.GOOD, f"Settings for tenant {settings.tenant_id}")
    async for finding in _configured(settings, files):
        yield finding


async def _configured(settings: Settings, files: list[key_files.NamedFile]) -> AsyncIterator[CheckResult]:
    now = datetime.now(UTC)  # noqa: TID251  this host's clock
    for finding in key_files.times(files, now):
        yield finding
    try:
        config = load(settings.config)
    except ConfigError as error:
        for mistake in error.mistakes:
            yield CheckResult(Mark.WRONG, mistake, f"Correct it in {settings.config}.")
        return
    yield CheckResult(Mark.GOOD, f"Configuration {settings.config}: {len(config.approval_workflows)} workflows")
    async for finding in _everything(settings, config):
        yield finding


async def _everything(settings: Settings, config: Config) -> AsyncIterator[CheckResult]:
    doubtful = [CheckResult(Mark.DOUBTFUL, what, advice) for what, advice in doubts(settings, config)]
    for finding in (*_sign_in(settings, config), *_asking(settings, config), *doubtful):
        yield finding
    async for finding in _kept(settings, config):
        yield finding
    async with neighbours(settings, REAL_TIME) as near:
        async for finding in _outside(near, config):
            yield finding
        yield await _token("bot", near.bot_token)
        if settings.sign_in:
            yield await _sign_in_token(near, settings.sign_in)
        if near.actor_token:
            yield await _token("actor", near.actor_token)
        worker = await _token("worker", near.worker_token)
        yield worker
        if worker.mark is Mark.GOOD:
            async for finding in _graph(near, config):
                yield finding


async def _outside(near: Neighbours, config: Config) -> AsyncIterator[CheckResult]:
    if near.settings.emergency_url:
        yield await reach.emergency_process(near.session, near.settings.emergency_url)
    async for finding in alarms(near, config):
        yield finding


async def _kept(settings: Settings, config: Config) -> AsyncIterator[CheckResult]:
    """Report on the store, its brakes and the audit."""
    async for finding in redis_findings(settings):
        yield finding
    for finding in [*await brakes(settings), *await private_answers(settings)]:
        yield finding
    async for finding in _audit(settings, config):
        yield finding


async def _audit(settings: Settings, config: Config) -> AsyncIterator[CheckResult]:
    now = datetime.now(UTC)  # noqa: TID251  this host's clock
    found = [trouble async for trouble in audit_troubles(settings, config, now)]
    for trouble in found:
        yield trouble
    if not found:
        yield CheckResult(Mark.GOOD, f"The audit is sealed into {directory_of(settings)}, and copies leave this host")


def _asking(settings: Settings, config: Config) -> list[CheckResult]:
    if not config.asks_in_chat:
        return [CheckResult(Mark.GOOD, "Chat requests are disabled: no workflow has requesterGroups")]
    found = [
        CheckResult(Mark.WRONG, f"requesterGroups need {name}", "Set it, or remove all requesterGroups.")
        for name in missing_to_file(settings)
    ]
    if config.countersign.guard is None:
        advice = "Set countersign.guard, so that many orders in a short time need more approvers."
        found.append(CheckResult(Mark.DOUBTFUL, "One person may request any number of operations in chat", advice))
    return found or [CheckResult(Mark.GOOD, "Chat requests are enabled")]


def _sign_in(settings: Settings, config: Config) -> list[CheckResult]:
    if config.countersign.decisions is DecisionsMode.TRACK:
        return [CheckResult(Mark.GOOD, 'decisions "track": votes are counted here, the decision is made in Intune')]
    if settings.sign_in is None:
        advice = 'Set COUNTERSIGN_SIGN_IN_APP_ID and its credential, or set decisions to "track".'
        return [CheckResult(Mark.WRONG, 'decisions "carry" without a sign-in application', advice)]
    return [CheckResult(Mark.GOOD, 'decisions "carry": people sign in, and Intune gets the decision in their name')]


async def _sign_in_token(near: Neighbours, sign_in: AppIdentity) -> CheckResult:
    tokens = AppTokens(near.authority, sign_in.credential(), f"{near.settings.addresses.graph}/.default")
    try:
        return await _token("sign_in", tokens)
    finally:
        tokens.close()


async def _token(name: str, tokens: AppTokens) -> CheckResult:
    try:
        await tokens()
    except PortError as error:
        variable = f"COUNTERSIGN_{name.upper()}"
        return CheckResult(
            Mark.WRONG, str(error), f"Check {variable}_APP_ID and its secret or certificate; it may have expired."
        )
    return CheckResult(Mark.GOOD, f"Entra issues a token to the {name} application")


async def _graph(near: Neighbours, config: Config) -> AsyncIterator[CheckResult]:
    permissions = await _permissions(near)
    for finding in permissions:
        yield finding
    if any(finding.mark is Mark.WRONG for finding in permissions):
        return  # the next checks would only repeat it
    if config.countersign.mailbox:
        yield await reach.mailbox(near.graph, config.countersign.mailbox)
    try:
        now = datetime.now(UTC)  # noqa: TID251  this host's clock
        async for finding in reach.on_call(near.graph, near.session, config, now):
            yield finding
        async for finding in _directory(near, config):
            yield finding
    except PortError as error:
        advice = "Try again. If the error persists, check the network and the service health of Graph."
        yield CheckResult(Mark.WRONG, f"Graph: {error}", advice)


async def _permissions(near: Neighbours) -> list[CheckResult]:
    found = []
    for permission, error in await troubles(near.graph):
        mark = Mark.WRONG if permission.needed else Mark.DOUBTFUL
        if isinstance(error, Forbidden) and not isinstance(error, TokenRefused):
            what = f"The worker does not have {permission.name}, which it needs {permission.why}"
            advice = "Grant it as an application permission, with admin consent."
        else:
            what = f"Graph does not answer {permission.place}: {error}"
            advice = "Check the network and the service health of Graph."
        found.append(CheckResult(mark, what, advice))
    return found or [CheckResult(Mark.GOOD, "The worker has all permissions to read that it needs")]


async def _directory(near: Neighbours, config: Config) -> AsyncIterator[CheckResult]:
    policies = await read_policies(near.graph)
    yield CheckResult(Mark.GOOD, f"Intune has {len(policies)} access policies")
    async for finding in _strangers(near, config):
        yield finding
    try:
        book = await resolve(config, near.graph)
        await resolve_owners(config, near.graph)
    except ConfigError as error:
        for mistake in error.mistakes:
            yield CheckResult(Mark.WRONG, mistake, "Enter exactly one existing security group (or person).")
        return
    for rule in book.rules:
        async for finding in _workflow(near, config, rule, policies):
            yield finding


async def _strangers(near: Neighbours, config: Config) -> AsyncIterator[CheckResult]:
    """Report unknown names: after a typing error or a renaming, accounts are not linked and one human could vote
    twice."""
    identities = config.countersign.identities
    names = [] if isinstance(identities, str) else [name for person in identities for name in person]
    found = await asyncio.gather(*(read_account(near.graph, name) for name in names))
    for name, account in zip(names, found, strict=True):
        if account is None:
            what = f'countersign.identities: the directory has no account "{name}"'
            mark = Mark.DOUBTFUL if is_object_id(name) else Mark.WRONG
            advice = "Correct it, or remove it if the account was deleted. After a renaming, use the object id."
            yield CheckResult(mark, what, advice)


async def _workflow(
    near: Neighbours, config: Config, rule: Rule, policies: tuple[AccessPolicy, ...]
) -> AsyncIterator[CheckResult]:
    workflow = rule.workflow
    name = f'"{workflow.operation}"'
    doubts = [*await _doubts_about_people(near, config, workflow), *_doubts_about_policies(rule, policies)]
    if not workflow.channels:
        advice = "Install the app in a channel. It posts there what to write into the configuration."
        doubts.append((f"{name} has no channel: its requests are shown nowhere", advice))
    for what, advice in doubts:
        yield CheckResult(Mark.DOUBTFUL, what, advice)
    if not doubts:
        yield CheckResult(Mark.GOOD, f"{name}: {workflow.required} of {', '.join(one.name for one in workflow.groups)}")


async def _doubts_about_people(near: Neighbours, config: Config, workflow: Workflow) -> list[tuple[str, str]]:
    name = f'"{workflow.operation}"'
    if not workflow.groups:
        return [(f"{name} has no approver groups", "It only notifies. Its requests can only be decided in Intune.")]
    direct = config.countersign.membership == "direct"
    members = {group.name: await group_members(near.graph, group.id, direct=direct) for group in workflow.groups}
    doubts = [
        (f"{name}: {group} has no active members", "Add active members, or nobody in it can approve.")
        for group, people in members.items()
        if not people
    ]
    unlinked = {one.upn for people in members.values() for one in people if not one.employee_id}
    if unlinked and config.countersign.identities == "employeeId":
        advice = "Set their employee ids in Entra. Until then each of these accounts counts as a different person."
        doubts.append((f"{name}: approvers without an employee id: {', '.join(sorted(unlinked))}", advice))
    return doubts


def _doubts_about_policies(rule: Rule, policies: tuple[AccessPolicy, ...]) -> list[tuple[str, str]]:
    """Report whether Intune holds these requests, and would accept these people's decisions."""
    workflow, name = rule.workflow, f'"{rule.workflow.operation}"'
    covering = [policy for policy in policies if policy.policy_type.casefold() in rule.policy_types]
    if not covering:
        return [(f"{name} has no access policy in Intune", "Create one. Until then Intune does not wait for approval.")]
    return [doubt for policy in covering for doubt in _drift(workflow, policy)]


def _drift(workflow: Workflow, policy: AccessPolicy) -> Iterator[tuple[str, str]]:
    """Report groups that decide here and not in Intune, or vice versa."""
    name, native = f'"{workflow.operation}"', {group.casefold() for group in policy.approver_groups}
    ours = {group.id.casefold(): group.name for group in workflow.groups}
    if missing := sorted(ours[group] for group in ours.keys() - native):
        advice = f'Add them to the access policy "{policy.name}", or Intune refuses their decisions.'
        yield f"{name}: {' and '.join(missing)} approve here but not in Intune", advice
    if others := sorted(native - ours.keys()):
        advice = "They can approve in the portal without the quorum. Remove them from the access policy."
        yield f'{name}: the access policy "{policy.name}" also lets {", ".join(others)} approve', advice
