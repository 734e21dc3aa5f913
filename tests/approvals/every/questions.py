"""The page of questions: what the rules answer about a request in every state, when nothing happens to it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from approvals import asking, brake, break_glass, carry, completing, filing, quorum, review
from approvals.lifecycle import Impossible
from approvals.people import Group, Person
from approvals.request import Request, Verdict, Vote
from tests.approvals.builders import ADMINS, ALEX, CAB, CORA, eligibility
from tests.approvals.every.moves import LOCKED, PAUSED
from tests.approvals.every.shown import section, shown
from tests.approvals.every.states import states
from tests.approvals.every.steps import BORIS, CORA_ELIGIBLE, SOON


def _approval(on: Request, who: Person, group: Group) -> Vote:
    return quorum.possible_approval(on, who, frozenset({group.id}))


QUESTIONS: Mapping[str, Callable[[Request], object]] = {
    "Is Intune's approval for other content?": carry.is_for_other_content,
    "Does Intune hold an approval that nobody wanted?": carry.holds_unwanted_approval,
    "Can it be finished now?": lambda on: carry.can_finish(on, SOON),
    "What is Intune told?": carry.verdict_to_tell,
    "Which note does Intune keep?": lambda on: carry.native_note(on, "Go"),
    "Does Alex repeat himself?": lambda on: carry.repeats(on, ALEX, Verdict.APPROVE, SOON),
    "Does Alex repeat his rejection?": lambda on: carry.repeats(on, ALEX, Verdict.REJECT, SOON),
    "Does it wait for Cora?": lambda on: carry.waits_for(on, CORA),
    "Is it held back?": filing.is_held_back,
    "Which call could be made?": lambda on: completing.next_call(on, SOON),
    "Which call could be made at the end?": lambda on: completing.next_call(on, on.intune_expires_at),
    "May it be called off?": asking.may_be_cancelled,
    "Which reason does Intune keep?": lambda on: asking.native_justification(on, "ABCD1234"),
    "What holds it up, of a pause and a lock?": lambda on: brake.holding_up((LOCKED, PAUSED), on),
    "What holds it up, of a lock?": lambda on: brake.holding_up((LOCKED,), on),
    "Who has the say?": quorum.binding,
    "Which seats are there?": quorum.seats_of,
    "Which approval could Cora give?": lambda on: _approval(on, CORA, CAB),
    "Would Alex and Cora decide it?": lambda on: quorum.would_decide(
        on, [_approval(on, ALEX, ADMINS), _approval(on, CORA, CAB)]
    ),
    "Would Cora decide it?": lambda on: quorum.would_decide(on, [_approval(on, CORA, CAB)]),
    "Would Cora help?": lambda on: quorum.would_help(on, _approval(on, CORA, CAB)),
    "Why is another person needed?": lambda on: [break_glass.why_only_escalated(on, one) for one in on.glass],
    "Why does Cora not close the review?": lambda on: review.why_not_close(on, CORA_ELIGIBLE),
    "Why does Boris not close the review?": lambda on: review.why_not_close(on, eligibility(BORIS, CAB)),
    "Who reviews it?": review.reviewer_names,
}


def page() -> str:
    """Return the page of questions."""
    known = states()
    return "\n".join(line for title, ask in QUESTIONS.items() for line in _section(title, ask, known))


def _section(title: str, ask: Callable[[Request], object], known: Mapping[str, Request]) -> Iterator[str]:
    return section(title, {name: partial(_answer, ask, request) for name, request in known.items()})


def _answer(ask: Callable[[Request], object], request: Request) -> Iterator[str]:
    try:
        yield shown(ask(request))
    except Impossible as error:
        yield f"impossible: {error}"
