"""The wording for a person whose break-glass was escalated."""

from typing import assert_never

from approvals.break_glass import WhyEscalated


def escalated(why: WhyEscalated) -> str:
    """Return why one other person is still needed."""
    match why:
        case WhyEscalated.OWN:
            return "It is your own request, so one other person has to approve it."
        case WhyEscalated.NOBODY_NAMED:
            return "Intune does not say who asked for it, so one other person has to approve it."
        case WhyEscalated.ASKER_UNKNOWN:
            return "The directory does not know who asked for it, so one other person has to approve it."
        case WhyEscalated.APPLICATION:
            return "An application asked for it, so somebody else has to approve it."
        case WhyEscalated.NOT_ALONE:
            return "One other person has to approve it."
        case _:
            assert_never(why)
