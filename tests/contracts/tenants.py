"""One company, with its directory and its Intune: the fakes, and our clients of a simulated tenant."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from approvals.order import Act
from approvals.people import Person
from approvals.request import Verdict
from bot.graph.directory import GraphDirectory
from bot.graph.orders import GraphOrders
from handlers.ports.directory import Directory
from handlers.ports.intune import Identity, Intune, Row
from handlers.ports.orders import Candidate, Filer, Orders, Plan
from handlers.ports.sign_in import UserToken
from simulator.story import company
from simulator.world import World
from tests.bot.graph.tenant import Tenant
from tests.fakes.clock import Clock
from tests.fakes.directory import Directory as FakeDirectory
from tests.fakes.intune import Intune as FakeIntune
from tests.fakes.intune import wipe
from tests.fakes.orders import Filer as FakeFiler
from tests.fakes.orders import Orders as FakeOrders


class Company(ABC):
    """What the contract tests do in a tenant, apart from using the ports."""

    world: World
    directory: Directory
    intune: Intune
    orders: Orders
    filer: Filer

    @abstractmethod
    async def file(self, device: str = "PC-1") -> str:
        """File Rita's wipe of the device in the portal, and return the id of the request."""

    @abstractmethod
    def token(self, name: str) -> UserToken:
        """Return a token of this person for one call."""

    @abstractmethod
    def protect(self, policy_type: str, platform: str) -> None:
        """Let the only access policy of this type hold operations on this platform."""

    async def approve(self, intune_id: str) -> None:
        """Let Dana approve the request in Intune."""
        await self.intune.decide(intune_id, Verdict.APPROVE, "", self.token("dana"))

    @abstractmethod
    def pass_time(self, span: timedelta) -> None:
        """Let this much time pass, for the whole company."""

    @property
    @abstractmethod
    def now(self) -> datetime:
        """Return the present time."""

    def account(self, name: str) -> str:
        """Return the account of the person with this first name."""
        return self.world.user(name).id


class RealCompany(Company):
    """Our clients of Graph with the simulated tenant behind them."""

    def __init__(self, tenant: Tenant, clock: Clock) -> None:
        self.world = tenant.world
        self.directory = GraphDirectory(tenant.client, "none", direct_membership=True, clock=clock)
        self.intune = tenant.intune
        self.orders = GraphOrders(tenant.client)
        self.filer = tenant.filer()
        self._tenant = tenant
        self._clock = clock

    async def file(self, device: str = "PC-1") -> str:
        return await self._tenant.file_wipe(device)

    def token(self, name: str) -> UserToken:
        return self._tenant.user_token(name)

    def protect(self, policy_type: str, platform: str) -> None:
        (policy,) = [one for one in self.world.policies.values() if one.policy_type == policy_type]
        policy.platform = platform

    def pass_time(self, span: timedelta) -> None:
        self._clock.time += span
        self._tenant.clock.advance(span)

    @property
    def now(self) -> datetime:
        return self._tenant.clock.now()


class FakeCompany(Company):
    """The fakes with the people of the simulated tenant. They share its sets of group members."""

    def __init__(self, clock: Clock) -> None:
        self.world = company()
        self.directory = FakeDirectory()
        self.intune = self._intune = FakeIntune(clock)
        self.orders = self._orders = FakeOrders()
        self.filer = FakeFiler(self._intune, self._orders)
        self._clock = clock
        for user in self.world.users.values():
            active = user.enabled and not user.guest
            self.directory.add(Person(user.id, user.name, frozenset({user.id})), active=active)
            self._intune.names[user.id] = user.name
        for group in self.world.groups.values():
            self.directory.groups[group.id] = group.members
        for device in self.world.devices.values():
            self._intune.devices[device["id"]] = (("Serial number", device["serialNumber"]),)
        self._stock()

    async def file(self, device: str = "PC-1") -> str:
        rita, target = self.world.user("rita"), self.world.device(device)["id"]
        row = wipe(
            id=f"i{len(self._intune.rows)}",
            target=device,
            target_id=target,
            requestor=Identity(rita.id, rita.name, is_person=True),
            filed_at=self.now,
            modified_at=self.now,
        )
        return self._intune.show(row).id

    def token(self, name: str) -> UserToken:
        return UserToken(self.account(name), "a token")

    def protect(self, policy_type: str, platform: str) -> None:
        others = {one for one in self._orders.held if one[0] != policy_type}
        self._orders.held = others | {(policy_type, platform)}

    def pass_time(self, span: timedelta) -> None:
        self._clock.time += span

    @property
    def now(self) -> datetime:
        return self._clock.time

    def _stock(self) -> None:
        """Let orders find the devices and objects of the simulated tenant."""
        devices = [
            Candidate(device_id, device["deviceName"], (("Serial number", device["serialNumber"]),))
            for device_id, device in self.world.devices.items()
        ]
        for act in (Act.WIPE, Act.RETIRE, Act.DELETE):
            self._orders.targets[act] = devices
        for device in devices:
            row = wipe(id="", target=device.name, target_id=device.id, requestor=None)
            self._orders.plans[device.id] = Plan(row, "windows10AndLater", frozenset(), frozenset())
        scripts = self.world.scripts.items()
        self._orders.targets[Act.SCRIPT] = [
            Candidate(script_id, one["displayName"], (("Description", ""),)) for script_id, one in scripts
        ]
        self._orders.groups = [Candidate(one.id, one.name) for one in self.world.groups.values()]


async def every(rows: AsyncIterator[Row]) -> list[Row]:
    """Return all rows as a list."""
    return [row async for row in rows]
