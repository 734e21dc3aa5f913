"""Checks whether Teams accepts messages that only one person sees."""

from bot.check.finding import CheckResult, Mark
from bot.config.environment import Settings
from bot.store.active import OtherSchema
from bot.store.visiting import store_of
from handlers.ports.errors import PortError

ADVICE = (
    "Commands in channels are answered in the 1:1 chat instead. Install the app for everybody who uses commands. "
    "Whether Teams accepts private messages in channels depends on the tenant."
)


async def private_answers(settings: Settings) -> list[CheckResult]:
    """Report conversations that recently refused a private answer; nothing if none did, or no store answers."""
    try:
        async with store_of(settings) as store:
            refused = await store.memory.private_refused()
    except (PortError, ValueError, OtherSchema):
        return []
    if not refused:
        return []
    last = max(refused.values())
    said = f"Teams has refused private answers in {len(refused)} conversations, last at {last:%Y-%m-%d %H:%M} UTC"
    return [CheckResult(Mark.DOUBTFUL, said, ADVICE)]
