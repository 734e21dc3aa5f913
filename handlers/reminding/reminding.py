"""Reminders of waiting requests, announcements of emergencies, and the steps of a ladder."""

from collections.abc import Iterable
from dataclasses import dataclass

from approvals import reminding as rules
from approvals import review
from approvals.decide import approver_group_ids
from approvals.effects import Medium, Notice, NotificationKind
from approvals.ladder import Rung
from approvals.request import Request
from handlers.gathering.availability import Availability
from handlers.gathering.helpers import Helpers
from handlers.ports.clock import Clock
from handlers.ports.directory import Directory
from handlers.ports.people import OnCall
from handlers.reminding.gathering import Gathering
from handlers.showing.places import channels_of
from handlers.storing.commits import Commits


@dataclass(frozen=True, slots=True)
class Climbing:
    """Takes the steps of a request's ladder, as time passes."""

    clock: Clock
    directory: Directory
    on_call: OnCall
    commits: Commits

    async def climb(self, request: Request, number: int) -> None:
        """Take a step of the ladder."""
        await self.commits.commit(request.id, lambda known, now: rules.climb(known, number, now))

    async def page(self, request: Request, number: int) -> None:
        """Page the next person who is on call now."""
        now = await self.clock.now()
        found = [await self.directory.person(account) for account in await self.on_call.now(now)]
        people = [person for person in found if person]
        await self.commits.commit(request.id, lambda known, now: rules.page(known, number, people, now))

    async def release(self, request: Request) -> None:
        """Remove a claim that has expired."""
        await self.commits.commit(request.id, rules.release)


@dataclass(frozen=True, slots=True)
class Reminding:
    """Gathers notices for everybody concerned."""

    directory: Directory
    availability: Availability
    helpers: Helpers
    gathering: Gathering

    async def remind(self, request: Request, rung: Rung) -> None:
        """Gather a reminder for each channel, or for everybody who could fill an empty seat and is there."""
        if not request.takes_votes:
            return
        if rung is Rung.THREAD:
            targets: Iterable[str] = channels_of(request)
        else:
            targets = [
                person.account for person in await self.availability.whom_to_ask(await self.helpers.people(request))
            ]
        medium = {Rung.THREAD: Medium.THREAD, Rung.CHAT: Medium.CHAT}.get(rung, Medium.MAIL)
        for target in targets:
            await self.gathering.gather(medium, target, Notice(request.id, NotificationKind.WAITS))

    async def announce(self, request: Request, notification: NotificationKind) -> None:
        """Gather a mail for everybody who could have decided, or who can close the review, except those who broke the
        glass."""
        reviewing = notification is not NotificationKind.GLASS_BROKEN
        groups = review.reviewer_ids(request) if reviewing else approver_group_ids(request)
        people = {person.account: person for group in sorted(groups) for person in await self.directory.members(group)}
        for person in people.values():
            if not any(glass.counts(person) for glass in request.glass):
                await self.gathering.gather(Medium.MAIL, person.account, Notice(request.id, notification))
