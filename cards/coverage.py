"""The wording of coverage: whether a quorum can be reached, and what is missing."""

from typing import assert_never

from approvals.coverage import (
    Coverage,
    CoverageNews,
    Gap,
    NightCover,
    NobodyLeft,
    TooFewAvailable,
    TooFewPeople,
    TooFewReachable,
)


def coverage_sentence(coverage: Coverage) -> str:
    """Return how a quorum is covered right now."""
    if coverage.gap is not None:
        return gap_sentence(coverage.gap)
    match coverage.night:
        case None:
            return "The quorum can be reached."
        case NightCover.ON_CALL:
            return "Nobody is expected at work now; on-call covers this."
        case NightCover.NOBODY:
            return "Nobody is expected at work now, and there is no on-call."
        case _:
            assert_never(coverage.night)


def gap_sentence(gap: Gap) -> str:
    """Return why the quorum cannot be reached."""
    match gap:
        case TooFewPeople():
            are, is_there = ("is" if number == 1 else "are" for number in (gap.needed, gap.people))
            needed = f"{gap.needed} {are} needed besides the person who asks"
            return f"Too few approvers: {needed}; there {is_there} {gap.people or 'none'}."
        case NobodyLeft():
            seats = " and ".join(" or ".join(groups) for groups in gap.seats)
            return f"Too few approvers: nobody may be left in {seats} besides the person who asks."
        case TooFewReachable():
            return f"Too few approvers can be reached in Teams: {gap.have} of the {gap.need} needed."
        case TooFewAvailable():
            when = f"when business hours begin, {gap.back:%Y-%m-%d %H:%M} UTC" if gap.back else "now"
            return f"Too few approvers are available {when}: {gap.have} of the {gap.need} needed."
        case _:
            assert_never(gap)


def coverage_has_changed(news: CoverageNews) -> str:
    """Return the line for the operations channel."""
    told = [f"{name}: {gap_sentence(gap)}" for name, gap in news.gaps.items()]
    told += [f"{name}: the quorum can be reached again." for name in news.closed]
    return f"Coverage has changed. {' '.join(told)}"
