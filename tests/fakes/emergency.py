"""The separate emergency process, in memory."""

from handlers.ports.emergency import AloneAnswer, AloneCall, LedgerMark
from handlers.ports.errors import Forbidden
from tests.fakes.sign_in import assertion_of
from tests.fakes.troubles import Troubles


class EmergencyExecution:
    """Does what a person asks, if the person is proved by their sign-in. Its ledger has one line for each call."""

    def __init__(self) -> None:
        self.calls: list[AloneCall] = []
        self.troubles = Troubles()

    async def execute(self, call: AloneCall, assertion: str) -> AloneAnswer:
        await self.troubles.begin("execute")
        if assertion != assertion_of(call.person):
            raise Forbidden("The sign-in is not valid.")
        self.calls.append(call)
        self.troubles.end("execute")
        number = len(self.calls)
        return AloneAnswer(f"{call.device_name} is being wiped.", f"answer-{number}", LedgerMark("ledger", number))
