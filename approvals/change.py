"""Builds one decision: new state, effects, audit entries."""

from collections.abc import Mapping
from datetime import datetime

from approvals.audit import AuditEntry, Identified, Kind
from approvals.because import Because
from approvals.brake import Brake
from approvals.disagreement import Disagreement, disagreement
from approvals.effects import Alarm, CallOut, Effect, NotificationKind, Planned, RefreshCards
from approvals.outcome import Outcome
from approvals.people import Application, Person, Requestor
from approvals.refusals import Refusal
from approvals.request import Request

ALARMS: Mapping[Disagreement, NotificationKind] = {
    Disagreement.APPROVED_BELOW_QUORUM: NotificationKind.BELOW_QUORUM,
    Disagreement.COMPLETED_BELOW_QUORUM: NotificationKind.BELOW_QUORUM,
    Disagreement.APPROVED_AFTER_REJECTION: NotificationKind.APPROVED_AFTER_END,
    Disagreement.APPROVED_AFTER_EXPIRY: NotificationKind.APPROVED_AFTER_END,
    Disagreement.APPROVED_AFTER_WITHDRAWAL: NotificationKind.APPROVED_AFTER_END,
    Disagreement.CHANGED_AFTER_DECISION: NotificationKind.CHANGED_AFTER_DECISION,
    Disagreement.GROWN_AFTER_DECISION: NotificationKind.GROWN_AFTER_DECISION,
    Disagreement.UNKNOWN_STATUS: NotificationKind.UNKNOWN_STATUS,
    Disagreement.APPROVED_BY_THE_INITIATOR: NotificationKind.WRONG_APPROVER,
    Disagreement.APPROVED_BY_NOBODY_KNOWN: NotificationKind.WRONG_APPROVER,
    Disagreement.APPROVED_FOR_OTHER_CONTENT: NotificationKind.APPROVED_FOR_OTHER_CONTENT,
    Disagreement.RAN_UNHELD: NotificationKind.RAN_UNHELD,
}
"""The occasion of the alarm for each dangerous disagreement."""


class Change:
    """Collects the results of one event on a request. The rules assign the new state to `request`."""

    def __init__(self, request: Request, now: datetime) -> None:
        self.request = request
        self.now = now
        self._before = request
        self._planned: list[Planned] = []
        self._entries: list[AuditEntry] = []

    def plan(self, effect: Effect, due: datetime | None = None) -> None:
        """Plan this effect, now or when it is due. An alarm is also sent outside the tenant."""
        self._planned.append(Planned(effect, due))
        if isinstance(effect, Alarm):
            self._planned.append(Planned(CallOut(effect.request_id, effect.notification, self.now), due))

    def note(
        self,
        kind: Kind,
        who: Requestor = None,
        identified: Identified = Identified.NOBODY,
        *,
        before: str = "",
        after: str = "",
        why: str = "",
        because: Because | None = None,
        evidence: Mapping[str, str] | None = None,
    ) -> None:
        """Record an audit entry. `because` is the rules' reason, `why` the text that a person wrote.

        Intune's id of the request is added to the evidence, so that Intune's own audit can be compared.
        """
        held = {"intune_id": self.request.intune_id} if self.request.intune_id else {}
        self._entries.append(
            AuditEntry(
                kind=kind,
                at=self.now,
                request_id=self.request.id,
                who=who.app_id if isinstance(who, Application) else who.account if who else "",
                name=who.name if who else "",
                identified=identified,
                before=before,
                after=after,
                why=why,
                because=because,
                digest=self.request.digest,
                evidence={**held, **(evidence or {})},
            )
        )

    def note_subject(
        self,
        kind: Kind,
        who: Requestor,
        identified: Identified,
        after: str,
        *,
        because: Because | None = None,
        **evidence: str,
    ) -> None:
        """Record the request's origin and subject: the log must show them when no other source can."""
        request, subject = self.request, self.request.subject
        about = {
            "operations": " and ".join(flow.operation for flow in request.workflows),
            "policy_types": " ".join(subject.policy_types),
            "act": subject.action,
            "kind": subject.kind,
            "target": subject.target,
            "target_id": subject.target_id,
            **({"devices": str(subject.device_count)} if subject.is_bulk else {}),
        }
        why = request.justification
        self.note(kind, who, identified, after=after, why=why, because=because, evidence={**about, **evidence})

    def note_ours(
        self,
        kind: Kind,
        app_id: str,
        answer_id: str = "",
        *,
        before: str = "",
        after: str = "",
        why: str = "",
        because: Because | None = None,
    ) -> None:
        """Record a call of our own application on behalf of the initiator; `answer_id` is Graph's request-id."""
        behind = self.request.initiator
        evidence = {"on_behalf_of": behind.account} if behind else {}
        evidence |= {"graph_request": answer_id} if answer_id else {}
        ours, by = Application(app_id, "Countersign"), Identified.BY_CREDENTIAL
        self.note(kind, ours, by, before=before, after=after, why=why, because=because, evidence=evidence)

    def outcome(self, *, unless: tuple[str, ...] = (), locks: tuple[Brake, ...] = ()) -> Outcome:
        """Return the outcome. Every change redraws the cards, and a new dangerous disagreement raises an alarm."""
        if self.request != self._before:
            self.plan(RefreshCards(self.request.id))
            self._alarm_on_new_danger()
        return Outcome(self.request, tuple(self._planned), tuple(self._entries), unless=unless, locks=locks)

    def refuse(self, refusal: Refusal, who: Person, identified: Identified) -> Outcome:
        """Discard all changes, and record only the refusal."""
        self.request = self._before
        self._entries.clear()
        self.note(Kind.REFUSED, who, identified, because=refusal)
        return Outcome(self._before, (), tuple(self._entries), refusal)

    def _alarm_on_new_danger(self) -> None:
        now = disagreement(self.request)
        if now is not None and now.dangerous and now is not disagreement(self._before):
            self.plan(Alarm(self.request.id, ALARMS[now]))
