"""All neighbours of the flows, in memory and on one clock."""

from tests.fakes.access_policies import AccessPolicies
from tests.fakes.clock import Clock
from tests.fakes.directory import Directory
from tests.fakes.emergency import EmergencyExecution
from tests.fakes.intune import Intune
from tests.fakes.orders import Filer, Orders, Vault
from tests.fakes.outside import Heartbeat, Outside
from tests.fakes.people import Mail, OnCall, Presence
from tests.fakes.sign_in import SignIn
from tests.fakes.store import Store
from tests.fakes.teams import Chat


class World:
    """The neighbours for the test of a flow. A test passes to the flow what it needs, and looks at the rest
    afterwards."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = Store(self.clock)
        self.directory = Directory()
        self.intune = Intune(self.clock)
        self.access_policies = AccessPolicies()
        self.orders = Orders()
        self.filer = Filer(self.intune, self.orders)
        self.vault = Vault()
        self.chat = Chat()
        self.sign_in = SignIn()
        self.mail = Mail()
        self.presence = Presence()
        self.on_call = OnCall()
        self.outside = Outside()
        self.heartbeat = Heartbeat()
        self.alone = EmergencyExecution()
