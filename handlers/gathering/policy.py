"""The configuration under which the flows decide."""

from dataclasses import dataclass

from approvals.policy import PolicyBook, Workflow
from approvals.reconcile import Terms
from approvals.request import (
    DecisionsMode,
)
from approvals.subject import Subject


@dataclass(frozen=True, slots=True)
class Policy:
    """The workflows, and whether decisions are carried to Intune."""

    book: PolicyBook
    decisions: DecisionsMode

    @property
    def workflows(self) -> tuple[Workflow, ...]:
        """Every workflow, those for many devices and the guard's last."""
        many = (rule.bulk.workflow for rule in self.book.rules if rule.bulk)
        return (*(rule.workflow for rule in self.book.rules), self.book.catch_all, *many, *self.guards)

    @property
    def guards(self) -> tuple[Workflow, ...]:
        """The workflow that is added for a guarded order, if there is a guard."""
        return (self.book.guard.workflow,) if self.book.guard else ()

    def terms(self, subject: Subject) -> Terms:
        """Return the terms under which a request of this kind is opened or followed."""
        workflows = self.book.workflows_for(subject.policy_types, subject.kind, subject.device_count)
        return Terms(workflows, self.book.digest, self.decisions, self.book.emergency, self.guards)
