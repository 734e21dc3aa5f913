"""`python -m bot check`: what is wrong with the set-up, and what to do about it, line by line."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum

from approvals.policy import Rule, Workflow
from approvals.request import DecisionsMode
from bot.config import Config, ConfigError, load
from bot.graph.groups import group_members
from bot.graph.policies import AccessPolicy, read_policies
from bot.graph.tokens import AppTokens
from bot.policy_book import resolve, resolve_owners
from bot.settings import Settings, SettingsError, read
from bot.store.embedded import NoServer, find_server
from bot.store.fitness import Unfit, refuse_unfit
from bot.store.redis import open_door
from bot.wiring import REAL_TIME, Neighbours, neighbours
from handlers.ports import PortError


class Mark(Enum):
    """How grave a finding is: only `WRONG` keeps the bot from working."""

    GOOD = "✔"
    DOUBTFUL = "!"
    WRONG = "✘"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, and what to do where it is not good."""

    mark: Mark
    what: str
    advice: str = ""


async def findings() -> AsyncIterator[Finding]:
    """Everything that can be checked, in the order in which things build on each other."""
    try:
        settings = read()
    except SettingsError as error:
        for mistake in error.mistakes:
            yield Finding(Mark.WRONG, mistake, "Set it in the environment or in .env; docs/setup.md tells where from.")
        return
    yield Finding(Mark.GOOD, f"Settings for tenant {settings.tenant_id}")
    try:
        config = load(settings.config)
    except ConfigError as error:
        for mistake in error.mistakes:
            yield Finding(Mark.WRONG, mistake, f"Correct it in {settings.config}.")
        return
    yield Finding(Mark.GOOD, f"Configuration {settings.config}: {len(config.approval_workflows)} workflows")
    async for finding in _everything(settings, config):
        yield finding


async def _everything(settings: Settings, config: Config) -> AsyncIterator[Finding]:
    for finding in _sign_in(settings, config):
        yield finding
    yield await _redis(settings)
    async with neighbours(settings, REAL_TIME) as near:
        for finding in await _tokens(near):
            yield finding
        async for finding in _intune(near, config):
            yield finding


def _sign_in(settings: Settings, config: Config) -> list[Finding]:
    if config.countersign.decisions is DecisionsMode.TRACK:
        return [Finding(Mark.GOOD, 'decisions "track": votes are counted here, the decision is taken in Intune')]
    if settings.sign_in is None:
        advice = "Set COUNTERSIGN_SIGN_IN_APP_ID and its credential, or use decisions: track."
        return [Finding(Mark.WRONG, 'decisions "carry" without a sign-in application', advice)]
    return [Finding(Mark.GOOD, 'decisions "carry": people sign in, and Countersign tells Intune in their name')]


async def _redis(settings: Settings) -> Finding:
    if settings.redis_url is None:
        try:
            server = find_server()
        except NoServer as error:
            return Finding(Mark.WRONG, "No Redis", str(error))
        return Finding(Mark.GOOD, f"Own server {server.name} on {settings.state_dir}: for one replica")
    try:
        door = open_door(settings.redis_url.get_secret_value(), 0)
        try:
            await refuse_unfit(door)
        finally:
            await door.close()
    except ValueError as error:
        return Finding(Mark.WRONG, "COUNTERSIGN_REDIS_URL is no address", str(error))
    except Unfit as error:
        return Finding(Mark.WRONG, "Redis may lose approvals", str(error))
    except PortError as error:
        return Finding(Mark.WRONG, f"Redis: {error}", "Check COUNTERSIGN_REDIS_URL, the network and the password.")
    return Finding(Mark.GOOD, "Redis answers and keeps what it is given")


async def _tokens(near: Neighbours) -> list[Finding]:
    settings = near.settings
    asked = {"bot": near.bot_token, "worker": near.worker_token}
    if settings.sign_in:
        scope = f"{settings.addresses.graph}/.default"
        asked["sign_in"] = AppTokens(near.authority, settings.sign_in.credential(), scope)
    try:
        return [await _token(name, tokens) for name, tokens in asked.items()]
    finally:
        for tokens in asked.values():
            tokens.close()


async def _token(name: str, tokens: AppTokens) -> Finding:
    try:
        await tokens()
    except PortError as error:
        variable = f"COUNTERSIGN_{name.upper()}"
        return Finding(Mark.WRONG, str(error), f"Check {variable}_APP_ID and its secret or certificate (expired?).")
    return Finding(Mark.GOOD, f"Entra gives the {name} application a token")


async def _intune(near: Neighbours, config: Config) -> AsyncIterator[Finding]:
    try:
        policies = await read_policies(near.graph)
    except PortError as error:
        advice = "Grant the worker application DeviceManagementRBAC.Read.All (application), with admin consent."
        yield Finding(Mark.WRONG, f"Intune's access policies cannot be read: {error}", advice)
        return
    yield Finding(Mark.GOOD, f"Intune has {len(policies)} access policies")
    try:
        book = await resolve(config, near.graph)
        await resolve_owners(config, near.graph)
    except ConfigError as error:
        for mistake in error.mistakes:
            yield Finding(Mark.WRONG, mistake, "Name exactly one plain security group (or person) that exists.")
        return
    except PortError as error:
        advice = "Grant the worker application GroupMember.Read.All and User.Read.All (application)."
        yield Finding(Mark.WRONG, f"The directory cannot be read: {error}", advice)
        return
    for rule in book.rules:
        async for finding in _workflow(near, rule, policies, direct=config.countersign.membership == "direct"):
            yield finding


async def _workflow(
    near: Neighbours, rule: Rule, policies: tuple[AccessPolicy, ...], *, direct: bool
) -> AsyncIterator[Finding]:
    workflow = rule.workflow
    name = f'"{workflow.operation}"'
    doubts = [*await _doubts_about_people(near, workflow, direct=direct), *_doubts_about_policies(rule, policies)]
    if not workflow.channels:
        advice = "Install the app in a channel; it says there what to write into the configuration."
        doubts.append((f"{name} has no channel: its requests are shown nowhere", advice))
    for what, advice in doubts:
        yield Finding(Mark.DOUBTFUL, what, advice)
    if not doubts:
        yield Finding(Mark.GOOD, f"{name}: {workflow.required} of {', '.join(one.name for one in workflow.groups)}")


async def _doubts_about_people(near: Neighbours, workflow: Workflow, *, direct: bool) -> list[tuple[str, str]]:
    name = f'"{workflow.operation}"'
    if not workflow.groups:
        return [(f"{name} has no approver groups", "It only notifies; its requests wait for Intune.")]
    members = [await group_members(near.graph, group.id, direct=direct) for group in workflow.groups]
    return [
        (f"{name}: {group.name} has no active members", "Nobody there can approve.")
        for group, people in zip(workflow.groups, members, strict=True)
        if not people
    ]


def _doubts_about_policies(rule: Rule, policies: tuple[AccessPolicy, ...]) -> list[tuple[str, str]]:
    """Whether Intune holds these requests back, and would take these people's decisions."""
    workflow, name = rule.workflow, f'"{rule.workflow.operation}"'
    covering = [policy for policy in policies if policy.policy_type.casefold() in rule.policy_types]
    if not covering:
        return [(f"{name} has no access policy in Intune", "Intune holds nothing back until you make one for it.")]
    doubts = []
    for policy in covering:
        if missing := workflow.group_ids - policy.approver_groups:
            names = " and ".join(sorted(group.name for group in workflow.groups if group.id in missing))
            advice = f'Add them to the access policy "{policy.name}", or Intune refuses their decisions.'
            doubts.append((f"{name}: {names} approve here but not in Intune", advice))
    return doubts
