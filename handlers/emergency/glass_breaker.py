"""Break the glass: store it, and do at once what it allows."""

from dataclasses import dataclass

import structlog

from approvals.audit import Identified
from approvals.break_glass import break_glass
from handlers.emergency.aftermath import Aftermath, is_new
from handlers.emergency.prompt_scenes import PromptScene
from handlers.ports.requests import IdempotencyKey
from handlers.ports.sign_in import UserToken
from handlers.storing.commits import Commits, Committed

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Broken:
    """The commit, and the sentence about the result."""

    committed: Committed
    said: str


@dataclass(frozen=True, slots=True)
class GlassBreaker:
    """Breaks the glass as the rules allow it, and does what follows."""

    commits: Commits
    aftermath: Aftermath

    async def break_glass(
        self, scene: PromptScene, token: UserToken | None, proof: str | None, once: IdempotencyKey | None = None
    ) -> Broken:
        """Break it in this person's name with their `token`; without one it only calls for somebody else.

        `proof` is their own signed token, for the separate emergency process. A repetition (`once`) breaks nothing.
        """
        invocation = scene.invocation(Identified.BY_TOKEN if token else Identified.BY_CHANNEL)
        committed = await self.commits.commit(
            scene.request.id,
            lambda request, now: break_glass(request, scene.emergency, invocation, scene.prompt.fingerprint, now),
            once,
            scene.eligibility.person.account,
        )
        if is_new(committed):
            glass = committed.request.glass[-1]
            log.error("glass_broken", request_id=scene.request.id, way=glass.way, drill=glass.drill)
        return Broken(committed, await self.aftermath.see_to(committed, token, proof))
