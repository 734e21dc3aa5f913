"""Shows the brakes that stop calls to Intune now."""

from bot.check.finding import CheckResult, Mark
from bot.config.environment import Settings
from bot.store.active import OtherSchema
from bot.store.visiting import store_of
from cards.brakes import brake_sentence
from handlers.ports.errors import PortError


async def brakes(settings: Settings) -> list[CheckResult]:
    """Return every brake that is on, or that none is. Nothing if no store answers: another check reports that, and the
    embedded server runs only with the bot."""
    try:
        async with store_of(settings) as store:
            on = await store.brakes.on()
    except OtherSchema as error:
        return [CheckResult(Mark.WRONG, "The store belongs to another version of Countersign", str(error))]
    except (PortError, ValueError):
        return []
    if not on:
        return [CheckResult(Mark.GOOD, "No brake is on")]
    return [
        CheckResult(
            Mark.DOUBTFUL,
            f"The brake {brake.name} has been on since {brake.at:%Y-%m-%d %H:%M} UTC",
            brake_sentence(brake),
        )
        for brake in on
    ]
