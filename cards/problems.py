"""The wording of problems on the way to Intune: one or two sentences each, short enough for a card."""

from typing import assert_never

from approvals import problems as why
from approvals.disagreement import Disagreement
from approvals.problems import Problem, Trouble
from cards.disagreements import sentence_of


def problem_sentence(problem: Problem | None) -> str:  # noqa: C901, PLR0911, PLR0912  one case for each problem
    """Return the sentence, with the next step if there is one; empty if there is no problem."""
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
            return "Intune does not show what this is about at the moment."
        case why.ChangedSinceDecision():
            return sentence_of(Disagreement.CHANGED_AFTER_DECISION)
        case why.GrownSince():
            return sentence_of(Disagreement.GROWN_AFTER_DECISION)
        case why.DoneBefore():
            return "Intune shows that this was done already. It is not done a second time."
        case why.NothingHolds(policy_type, platform):
            return (
                f"Intune has no active access policy for {policy_type} on {platform}, so it would run without a second "
                "person. Nothing was sent. Somebody has to make one first."
            )
        case why.GroupExcluded() | why.AssignedOtherwise() | why.NoTarget():
            return _assigning(problem)
        case why.TargetTaken() | why.NotTaken() | why.NoTrace():
            return _filing(problem)
        case why.OtherActor() | why.OtherKey() | why.NotReadable() | why.NotCarriedOut():
            return _completing(problem)
        case why.Passing(trouble):
            return f"{_TROUBLES[trouble]} It is tried again by itself."
        case why.Busy():
            return "Intune is too busy right now. Please finish it in a minute."
        case why.NoAnswer(call):
            return {
                "decision": (
                    "Intune did not answer. It may have taken the decision all the same; the card follows as soon as "
                    "that is known."
                ),
                "filing": "Intune did not answer. We look for what it did.",
                "completing": "Intune did not answer. What it did is looked up.",
            }[call]
        case why.NotSignedIn() | why.CutOff() | why.Braked():
            return _waiting_for(problem)
        case why.OtherContent() | why.TakenBack() | why.EndedUntold():
            return _overtaken(problem)
        case why.NotCounted() | why.ChangedMeanwhile() | why.NotShown():
            return _refused_by_intune(problem)
        case why.NoConsent() | why.MoreProof() | why.SignInBlocked() | why.OtherPerson():
            return _signing_in(problem)
        case why.SignInInvalid() | why.SignInExpired() | why.EntraAway():
            return _try_again(problem)
        case _:
            assert_never(problem)


_TROUBLES = {
    Trouble.BUSY: "Intune is too busy at the moment.",
    Trouble.REFUSED: "Intune does not let Countersign do this at the moment.",
    Trouble.MISSING: "Intune does not show what this is about at the moment.",
    Trouble.SILENT: "Intune does not answer at the moment.",
}


def _assigning(problem: why.GroupExcluded | why.AssignedOtherwise | why.NoTarget) -> str:
    match problem:
        case why.GroupExcluded(group):
            return (
                f"{group} is excluded from this now, and an exclusion is not turned into an inclusion from here. "
                "Whoever wants that takes the exclusion away in Intune first."
            )
        case why.AssignedOtherwise(group):
            return (
                f"This is assigned to {group} already, in another way: with a filter, or by a policy set. That is not "
                "replaced from here. Change it in Intune."
            )
        case why.NoTarget():
            return (
                "Intune lists an assignment of this that names no target, so nobody can say that it is kept. Look at "
                "its assignments in Intune first."
            )
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
            return f"Intune did not take it: {said.rstrip('.')}."
        case why.NoTrace():
            return "Intune did not answer when this was filed, and shows nothing of it since."
        case _:
            assert_never(problem)


def _completing(problem: why.OtherActor | why.OtherKey | why.NotReadable | why.NotCarriedOut) -> str:
    match problem:
        case why.OtherActor():
            return (
                "Another application filed this, and only that one can complete it. An operator has to bring it back."
            )
        case why.OtherKey():
            return "The stored call cannot be read: the filing key was changed. It has to be asked for again."
        case why.NotReadable(said):
            return f"What this is about cannot be read: {said.rstrip('.')}."
        case why.NotCarriedOut(said):
            return f"Intune did not carry it out: {said.rstrip('.')}."
        case _:
            assert_never(problem)


def _waiting_for(problem: why.NotSignedIn | why.CutOff | why.Braked) -> str:
    match problem:
        case why.NotSignedIn(name):
            return f"{name} has not signed in yet."
        case why.CutOff(name):
            return f"{name} was telling Intune when the connection was cut."
        case why.Braked(name):
            return f"{name} wanted to tell Intune while that was stopped."
        case _:
            assert_never(problem)


def _overtaken(problem: why.OtherContent | why.TakenBack | why.EndedUntold) -> str:
    match problem:
        case why.OtherContent():
            return "The approval in Intune was given for other content. It has to be withdrawn and given anew."
        case why.TakenBack():
            return "The approval was withdrawn in Intune."
        case why.EndedUntold():
            return "Intune ended the request before it was told."
        case _:
            assert_never(problem)


def _refused_by_intune(problem: why.NotCounted | why.ChangedMeanwhile | why.NotShown) -> str:
    match problem:
        case why.NotCounted():
            return (
                "Intune refused: it does not count this person as an approver. They need to be a direct member of the "
                "access policy's approver group, that group needs an Intune role, and it must not be their own request."
            )
        case why.ChangedMeanwhile():
            return (
                "The request has changed in Intune in the meantime; its present state is shown as soon as it is read."
            )
        case why.NotShown():
            return "Intune does not show this request at the moment."
        case _:
            assert_never(problem)


def _signing_in(problem: why.NoConsent | why.MoreProof | why.SignInBlocked | why.OtherPerson) -> str:
    match problem:
        case why.NoConsent():
            return (
                "Nobody has consented yet that Countersign may approve in your name. Ask an administrator to grant it, "
                "or decide in Intune."
            )
        case why.MoreProof():
            return "Entra wants more proof that it is you. Sign in with the button, then it goes on."
        case why.SignInBlocked():
            return "Conditional Access does not let you sign in from here. Use a permitted device, or Intune."
        case why.OtherPerson():
            return "You signed in with another account than you clicked with. Please use the same one."
        case _:
            assert_never(problem)


def _try_again(problem: why.SignInInvalid | why.SignInExpired | why.EntraAway) -> str:
    match problem:
        case why.SignInInvalid():
            return "Your sign-in could not be checked. Please try again."
        case why.SignInExpired():
            return "Your sign-in has expired. Please try again."
        case why.EntraAway():
            return (
                "Microsoft Entra does not answer, so Intune has not been told anything. Please try again in a minute."
            )
        case _:
            assert_never(problem)
