"""There is a fake for every port, and no fake needs the bot or the simulated tenant."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from approvals.asking import Draft
from handlers import ports
from handlers.ports.access_policies import AccessPolicies
from handlers.ports.brakes import Brakes
from handlers.ports.clock import Clock
from handlers.ports.continuity import Continuity, Losses
from handlers.ports.copies import PostedCards
from handlers.ports.directory import Directory
from handlers.ports.drafts import Drafts
from handlers.ports.emergency import EmergencyExecution
from handlers.ports.intune import Intune
from handlers.ports.memory import Memory
from handlers.ports.notices import Notices
from handlers.ports.orders import Filer, Orders, Vault
from handlers.ports.outbox import Outbox
from handlers.ports.outside import Heartbeat, Outside
from handlers.ports.people import Mail, OnCall, Presence
from handlers.ports.polling import PollState
from handlers.ports.requests import Requests
from handlers.ports.sign_in import SignIn
from handlers.ports.teams import Chat, Conversations
from tests import fakes
from tests.fakes.world import World
from tests.test_architecture import imports

FAKES = sorted(Path(fakes.__file__).parent.glob("*.py"))


class Ports(NamedTuple):
    """Every port. The type checker checks that each field is a fake of its port."""

    access_policies: AccessPolicies
    alone: EmergencyExecution
    brakes: Brakes
    chat: Chat
    clock: Clock
    continuity: Continuity
    losses: Losses
    conversations: Conversations
    copies: PostedCards
    directory: Directory
    drafts: Drafts[Draft]
    filer: Filer
    heartbeat: Heartbeat
    intune: Intune
    mail: Mail
    memory: Memory
    notices: Notices
    on_call: OnCall
    orders: Orders
    outbox: Outbox
    outside: Outside
    poll: PollState
    presence: Presence
    requests: Requests
    sign_in: SignIn
    vault: Vault


def test_every_port_has_a_fake() -> None:
    """Every port has a fake in this table."""
    world, store = World(), World().store
    every = Ports(
        access_policies=world.access_policies,
        alone=world.alone,
        brakes=store.brakes,
        chat=world.chat,
        clock=world.clock,
        continuity=store.continuity,
        losses=store.losses,
        conversations=store.conversations,
        copies=store.copies,
        directory=world.directory,
        drafts=store.drafts,
        filer=world.filer,
        heartbeat=world.heartbeat,
        intune=world.intune,
        mail=world.mail,
        memory=store.memory,
        notices=store.notices,
        on_call=world.on_call,
        orders=world.orders,
        outbox=store.outbox,
        outside=world.outside,
        poll=store.poll,
        presence=world.presence,
        requests=store.requests,
        sign_in=world.sign_in,
        vault=world.vault,
    )

    assert {getattr(port, "__origin__", port) for port in every.__annotations__.values()} == _protocols()


@pytest.mark.parametrize("path", FAKES, ids=lambda path: path.name)
def test_a_fake_knows_no_real_neighbour(path: Path) -> None:
    """A fake imports only the ports, the rules and the cards of the product."""
    assert not {"bot", "simulator", "redis", "aiohttp"} & set(imports(path))


def _protocols() -> set[Any]:
    """Return all ports."""
    modules = [
        importlib.import_module(f"{ports.__name__}.{found.name}") for found in pkgutil.iter_modules(ports.__path__)
    ]
    named = [(module.__name__, value) for module in modules for value in vars(module).values()]
    return {value for where, value in named if getattr(value, "_is_protocol", False) and value.__module__ == where}
