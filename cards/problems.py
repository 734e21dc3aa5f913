"""What a person reads of a problem on the way to Intune: one sentence or two for each, fit for a card."""

from typing import assert_never

from approvals import problems as why
from approvals.disagreement import Disagreement
from approvals.problems import Problem
from cards.disagreements import sentence_of


def problem_sentence(problem: Problem | None) -> str:  # noqa: C901, PLR0911  one case for each problem
    """The sentence, with what to do next where there is something; empty where there is no problem."""
    match problem:
        case None:
            return ""
        case why.CalledOff():
            return (
                "The store went back, and has lost that this was called off. If it is wanted after all, an approver "
                "presses Finish."
            )
        case why.NotSetUp():
            return "Countersign is not set up any more to file anything in Intune. An operator has to look at it."
        case why.TargetGone():
            return "What this is about is not in Intune any more."
        case why.ContentChanged():
            return sentence_of(Disagreement.CHANGED_AFTER_DECISION)
        case why.DoneBefore():
            return "Intune shows that this was done already. It is not done a second time."
        case why.NothingHolds(policy_type, platform):
            return (
                f"Intune has no active access policy for {policy_type} on {platform}, so it would run without a second "
                "person. Nothing was sent. Somebody has to make one first."
            )
        case why.TargetTaken() | why.NotTaken() | why.NoTrace():
            return _filing(problem)
        case why.OtherActor() | why.OtherKey() | why.Unreadable() | why.NotCarriedOut():
            return _completing(problem)
        case why.Busy(call):
            return {
                "decision": "Intune is too busy right now. Please finish it in a minute.",
                "filing": "Intune is too busy right now. An approver can press Finish in a minute.",
            }[call]
        case why.NoAnswer(call):
            return {
                "decision": (
                    "Intune did not answer. It may have taken the decision all the same; the card follows as soon as "
                    "that is known."
                ),
                "filing": "Intune did not answer. We look for what it did.",
                "completing": "Intune did not answer. What it did is looked up.",
            }[call]
        case _:
            assert_never(problem)


def _filing(problem: why.TargetTaken | why.NotTaken | why.NoTrace) -> str:
    match problem:
        case why.TargetTaken(request_id, title, asker):
            if not request_id:
                return (
                    "Intune has an open request for the same target. Once that is over, an approver can press Finish."
                )
            return f"Intune has an open request for the same target: {title}, requested by {asker} ({request_id})."
        case why.NotTaken(said):
            return f"Intune did not take it: {said}."
        case why.NoTrace():
            return "Intune did not answer when this was filed, and shows nothing of it since."
        case _:
            assert_never(problem)


def _completing(problem: why.OtherActor | why.OtherKey | why.Unreadable | why.NotCarriedOut) -> str:
    match problem:
        case why.OtherActor():
            return (
                "Another application filed this, and only that one can complete it. An operator has to bring it back."
            )
        case why.OtherKey():
            return "The stored call cannot be read: the filing key was changed. It has to be asked for again."
        case why.Unreadable(said):
            return f"What this is about cannot be read: {said}."
        case why.NotCarriedOut(said):
            return f"Intune did not carry it out: {said}."
        case _:
            assert_never(problem)
