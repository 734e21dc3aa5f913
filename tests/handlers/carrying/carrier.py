"""Helpers of the carrying tests: they carry a decision to Intune."""

from approvals.people import Person
from approvals.request import Request
from handlers.carrying.carrying import Signer
from handlers.ports.sign_in import UserToken
from tests.approvals.builders import ALEX
from tests.handlers.deciding.voter import approve
from tests.handlers.stage import Stage


def signer(who: Person, note: str = "") -> Signer:
    """Return this person as just signed in."""
    return Signer(who.account, who.name, UserToken(who.account, "token"), note)


async def decided(stage: Stage) -> Request:
    """Return a wipe that Alex has approved, while Intune has not been told yet."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)
    stage.forget_planned()
    return stage.now_of(request)


async def finish(stage: Stage, request: Request, who: Person = ALEX, note: str = "") -> str:
    """Carry the decision to Intune as this person, and return what the person is told."""
    return await stage.journeys.carrying.finish(request.id, signer(who, note))
