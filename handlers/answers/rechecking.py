"""After a brake was pulled or lifted: redraw what waits for a call to Intune, and go on if possible."""

from collections.abc import Sequence
from dataclasses import dataclass

from approvals.brake import Brake, holding_up
from approvals.effects import AwaitIntune, Complete, Effect, File, NotificationKind, Planned, RefreshCards, Reply
from approvals.request import CarryState, Request
from handlers.ports.brakes import Brakes
from handlers.ports.clock import Clock
from handlers.ports.outbox import Outbox
from handlers.ports.requests import Requests


@dataclass(frozen=True, slots=True)
class Rechecking:
    """Plans what follows when a brake moves. Nothing is called here: calls wait in the outbox like everything else."""

    clock: Clock
    requests: Requests
    outbox: Outbox
    brakes: Brakes

    async def recheck(self, name: str) -> None:
        """Redraw every decision that waits for a call, after the brake of this name was pulled or lifted; if it was
        lifted, retry what it stopped, and ask people to finish what needs a person."""
        on = await self.brakes.on()
        lifted = name not in {brake.name for brake in on}
        found = await self.requests.open()
        waiting = [request for request in found if not request.takes_votes]
        planned = [effect for request in waiting for effect in _follows(request, on, lifted=lifted)]
        now = await self.clock.now()
        await self.outbox.plan([Planned(effect) for effect in planned], now)


def _follows(request: Request, on: Sequence[Brake], *, lifted: bool) -> list[Effect]:
    effects: list[Effect] = [RefreshCards(request.id)]
    if lifted and request.filing:
        effects += [File(request.id), Complete(request.id), AwaitIntune(request.id)]
    waits = request.is_approved and request.carry_state is CarryState.TROUBLED
    if lifted and waits and holding_up(on, request) is None:
        effects.append(Reply(request.id, NotificationKind.WAITS_FOR_ONE))
    return effects
