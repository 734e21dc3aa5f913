"""One of each problem, with every value given."""

from approvals import problems as why
from approvals.problems import Problem

PROBLEMS: tuple[Problem, ...] = (
    why.CalledOff(),
    why.NotSetUp(),
    why.TargetGone(),
    why.ContentChanged(),
    why.GrownSince(),
    why.DoneBefore(),
    why.NothingHolds("deviceWipe", "windows10AndLater"),
    why.TargetTaken(),
    why.TargetTaken("R2", "Wipe PC-1", "Rita Rossi"),
    why.NotTaken("HTTP 400"),
    why.NoTrace(),
    why.OtherActor(),
    why.OtherKey(),
    why.Unreadable("HTTP 500"),
    why.NotCarriedOut("HTTP 400"),
    why.Busy("decision"),
    why.Busy("filing"),
    why.NoAnswer("decision"),
    why.NoAnswer("filing"),
    why.NoAnswer("completing"),
    why.NotSignedIn("Alex"),
    why.CutOff("Alex"),
    why.Braked("Alex"),
    why.OtherContent(),
    why.TakenBack(),
    why.EndedUntold(),
    why.NotCounted(),
    why.ChangedMeanwhile(),
    why.NotShown(),
    why.NoConsent(),
    why.MoreProof(),
    why.SignInBlocked(),
    why.OtherPerson(),
    why.SignInInvalid(),
    why.SignInExpired(),
    why.EntraAway(),
)
"""Every problem, in every form that has words of its own."""
