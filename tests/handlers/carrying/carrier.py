"""How tests of this room carry a decision to Intune."""

from approvals.people import Person
from approvals.request import Request
from handlers.carrying.carrying import Signer
from handlers.ports.sign_in import UserToken
from tests.approvals.builders import ALEX
from tests.handlers.deciding.voter import approve
from tests.handlers.stage import Stage


def signer(who: Person, note: str = "") -> Signer:
    """Somebody who has just signed in."""
    return Signer(who.account, who.name, UserToken(who.account, "token"), note)


async def decided(stage: Stage) -> Request:
    """A wipe that Alex has approved and that Intune has not heard of."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)
    stage.forget_planned()
    return stage.now_of(request)


async def finish(stage: Stage, request: Request, who: Person = ALEX, note: str = "") -> str:
    """Somebody takes it to Intune."""
    return await stage.journeys.carrying.finish(request.id, signer(who, note))
