"""Questions in chat about requests: what waits, the state of one, who could decide; and cancelling one's own."""

from dataclasses import dataclass

from approvals.asking import cancel as cancelled
from approvals.audit import Identified
from approvals.order import Act
from approvals.people import Person
from approvals.policy import Workflow
from approvals.quorum import seating, tally
from approvals.snapshot import Eligibility
from cards import lists, words
from cards.tallies import needed
from handlers.commands.lexicon import Name, usage
from handlers.gathering.policy import Policy
from handlers.gathering.readers import Readers
from handlers.ports.directory import Directory
from handlers.ports.requests import IdempotencyKey, Requests
from handlers.ports.teams import CardJson
from handlers.showing.views import Views
from handlers.storing.commits import Commits

NO_SUCH_REQUEST = "There is no request {} here, or it is none of yours."


@dataclass(frozen=True, slots=True)
class Questions:
    """Answers questions about requests. It reveals nothing about a request that the person may not read."""

    requests: Requests
    directory: Directory
    policy: Policy
    commits: Commits
    readers: Readers
    views: Views

    async def asker(self, account: str, name: str) -> Eligibility:
        """Return the author's standing in the approver groups of all workflows."""
        groups = {group.id for workflow in self.policy.workflows for group in workflow.groups}
        found = await self.directory.eligibility(account, groups)
        return found or Eligibility(Person(account, name, frozenset({account})), frozenset(), active=False)

    async def help_text(self) -> str:
        """Return what the bot does, what can be written to it, and how many requests wait."""
        waiting = len([request for request in await self.requests.open() if request.takes_votes])
        wait = {0: "No request waits", 1: "1 request waits"}.get(waiting, f"{waiting} requests wait")
        usages = " · ".join(usage(name) for name in Name)
        return (
            "I post requests for Intune's Multi-Admin Approval as cards in the channels of their approvers, count "
            f"Approve and Reject there, and follow each request to its end. {wait} for approval now. You can write: "
            f"{usages}"
        )

    async def pending(self, who: Eligibility) -> CardJson:
        """Return the requests that wait for approval and that this person may read."""
        waiting = [request for request in await self.requests.open() if request.takes_votes]
        found = await self.readers.readable(waiting, who.person.account, who.person.name)
        return lists.requests("Waiting for approval", found, "Nothing waits that you may see.")

    async def mine(self, who: Eligibility) -> CardJson:
        """Return one's own requests that are not over."""
        found = [request for request in await self.requests.open() if request.is_own_of(who.person)]
        return lists.requests("Your requests", found, "You have asked for nothing that is not over.")

    async def status(self, who: Eligibility, request_id: str, conversation: str) -> str | CardJson:
        """Return one request as this person sees it. `conversation` is where they ask."""
        request = await self.requests.load(request_id)
        eligibility = await self.readers.reader(request, who.person.account, who.person.name, conversation)
        if request is None or eligibility is None:
            return NO_SUCH_REQUEST.format(request_id)
        return await self.views.own_card(request, eligibility, "")

    async def cancel(self, who: Eligibility, request_id: str, conversation: str, once: IdempotencyKey) -> str:
        """Cancel what one has requested."""
        request = await self.requests.load(request_id)
        if await self.readers.reader(request, who.person.account, who.person.name, conversation) is None:
            return NO_SUCH_REQUEST.format(request_id)
        committed = await self.commits.commit(
            request_id,
            lambda known, now: cancelled(known, who.person, Identified.BY_CHANNEL, now),
            once,
            who.person.account,
        )
        return committed.notice or f"Cancelled: {words.title_of(committed.request)}."

    async def who_can(self, operation: str) -> str | CardJson:
        """Return who could decide about an operation now, who may request it, and whether that is enough."""
        workflow = self._workflow_called(operation)
        if workflow is None:
            names = ", ".join(workflow.operation for workflow in self.policy.workflows)
            return f"There is no operation of that name. There are: {names}."
        rows = [(group.name, await self._names(group.id)) for group in workflow.groups]
        rows += [(f"{group.name} (may ask in chat)", await self._names(group.id)) for group in workflow.requesters]
        return lists.who_can(workflow.operation, rows, _conclusion(workflow))

    async def _names(self, group_id: str) -> str:
        people = await self.directory.members(group_id)
        return ", ".join(sorted(person.name for person in people)) or "nobody who is active"

    def _workflow_called(self, typed: str) -> Workflow | None:
        """Return the workflow by its name, the beginning of it, or an act that falls under it."""
        wanted = typed.casefold()
        if wanted in {act.value for act in Act}:
            act = Act(wanted)
            return self.policy.book.workflows_for((act.policy_type,), act.kind)[0]
        found = [workflow for workflow in self.policy.workflows if workflow.operation.casefold().startswith(wanted)]
        return next(iter(found), None)


def _conclusion(workflow: Workflow) -> str:
    if not workflow.enabled or not workflow.groups:
        return "It is decided only in Intune."
    takes = needed(tally(seating((workflow,), ())))
    others = " beside those of the operation, by somebody else" if workflow.on_top else ""
    return f"Needed: {takes}{others}. Nobody decides what they asked for."
