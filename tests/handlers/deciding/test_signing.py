"""Clicks that need the person's own token: it is fetched silently where Teams can, else on a page."""

from typing import Any

import pytest

from approvals.audit import Identified, Kind
from approvals.effects import NotificationKind, Reply
from approvals.request import CarryState, Decision
from cards.actions import Verb, fingerprint_of
from handlers.deciding.signing import DECIDE_IN_INTUNE
from handlers.incoming.clicks import AskForToken, Scope, ShowCard
from handlers.ports.errors import PortError, SignInFailed, SignInTrouble, Unavailable
from handlers.ports.sign_in import UserToken
from tests.approvals.builders import ALEX, DANA
from tests.fakes.sign_in import assertion_of
from tests.handlers.clicking import click, in_chat, scene, sign_in_link, signed_in, words
from tests.handlers.deciding.voter import approve
from tests.handlers.problems import carry_problem
from tests.handlers.stage import ON_CALL, Stage

ENTRA_IS_AWAY = "Microsoft Entra does not answer"


@pytest.mark.parametrize(
    "place",
    [in_chat(ALEX), {"scope": Scope.GROUP_CHAT, "conversation": ON_CALL}],
    ids=["personal", "group-chat"],
)
async def test_outside_of_channels_a_token_is_fetched_silently(stage: Stage, place: dict[str, Any]) -> None:
    """Outside of channels the token is fetched silently, with a page as second way; the vote is stored before."""
    request = await stage.taken_up()

    answer = await approve(stage, ALEX, request, **place)

    assert isinstance(answer, AskForToken)
    assert answer.sign_in_url == "https://bot.example/signin/1"
    assert stage.now_of(request).decision is Decision.APPROVED


async def test_in_a_channel_the_card_leads_to_the_page(stage: Stage) -> None:
    """In a channel the card links to the sign-in page, because Teams fetches no token there."""
    request = await stage.taken_up()

    answer = await approve(stage, ALEX, request)

    assert isinstance(answer, ShowCard)
    assert sign_in_link(answer) == "https://bot.example/signin/1"
    (page,) = stage.sign_in.pages
    assert (page.request_id, page.person, page.verb) == (request.id, "alex", Verb.FINISH)


async def test_a_token_that_came_along_is_used_in_a_channel_too(stage: Stage) -> None:
    """A token that comes with the click is used in a channel too, without a page."""
    request = await stage.taken_up()

    answer = await approve(stage, ALEX, request, **signed_in(ALEX))

    assert "Intune has been told: approved." in words(answer)
    assert stage.sign_in.pages == []


async def test_without_sign_in_the_card_says_where_to_decide() -> None:
    """Without sign-in in the settings, the card says to decide in Intune, and links to no page."""
    stage = Stage(sign_in=None)
    request = await stage.taken_up()

    answer = await approve(stage, ALEX, request, **signed_in(ALEX))

    assert DECIDE_IN_INTUNE in words(answer)
    assert stage.intune.said == []


async def test_the_token_of_somebody_else_carries_nothing(stage: Stage) -> None:
    """A token of another person carries nothing; the failed sign-in is recorded."""
    request = await stage.taken_up()

    answer = await approve(stage, ALEX, request, assertion=assertion_of("dana"))

    assert "You signed in with another account" in words(answer)
    assert stage.intune.said == []
    (entry,) = stage.recorded(Kind.SIGN_IN_FAILED)
    assert (entry.who, entry.identified) == ("alex", Identified.BY_CHANNEL)


async def test_more_proof_is_given_on_the_page(stage: Stage) -> None:
    """If Entra wants more proof, the card links to the page with these claims, because silence would fail again."""
    request = await stage.taken_up()
    stage.sign_in.troubles.refuses["on_behalf_of"] = SignInFailed(SignInTrouble.MORE_PROOF, "mfa", claims="{mfa}")

    answer = await approve(stage, ALEX, request, **(signed_in(ALEX) | in_chat(ALEX)))

    assert sign_in_link(answer)
    assert stage.sign_in.pages[-1].claims == "{mfa}"


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (SignInFailed(SignInTrouble.BLOCKED, "no"), "Conditional Access does not let you sign in from here"),
        (SignInFailed(SignInTrouble.NO_CONSENT, "no"), "Nobody has consented yet"),
        (SignInFailed(SignInTrouble.EXPIRED, "no"), "Your sign-in has expired"),
        (SignInFailed(SignInTrouble.INVALID, "no"), "Your sign-in could not be checked"),
        (Unavailable("away"), ENTRA_IS_AWAY),
    ],
    ids=["blocked", "no-consent", "expired", "invalid", "away"],
)
async def test_other_troubles_are_told_without_a_page(stage: Stage, error: PortError, why: str) -> None:
    """Other sign-in failures are told without a page, which would fail too; others can finish the decision."""
    request = await stage.taken_up()
    stage.sign_in.troubles.refuses["on_behalf_of"] = error

    answer = await approve(stage, ALEX, request, **signed_in(ALEX))

    assert why in words(answer)
    assert sign_in_link(answer) == ""
    assert stage.now_of(request).carry_state is CarryState.TROUBLED
    assert carry_problem(stage.now_of(request)).startswith(why)


async def test_somebody_else_s_trouble_does_not_touch_the_carry(stage: Stage) -> None:
    """A failed sign-in of another person does not change the carry, because Alex may still be signing in."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)
    stage.sign_in.troubles.refuses["on_behalf_of"] = SignInFailed(SignInTrouble.BLOCKED, "no")

    await stage.journeys.finishing.finish(await scene(stage, click(DANA, Verb.FINISH, request, **signed_in(DANA))))

    assert stage.now_of(request).carry_state is CarryState.WANTED
    assert [entry.who for entry in stage.recorded(Kind.SIGN_IN_FAILED)] == ["dana"]


async def test_a_trouble_while_intune_is_told_leads_back_to_the_page(stage: Stage) -> None:
    """If Intune wants more proof during the call, the card links to the page again."""
    request = await stage.taken_up()
    stage.intune.troubles.refuses["decide"] = SignInFailed(SignInTrouble.MORE_PROOF, "mfa", claims="{mfa}")

    answer = await approve(stage, ALEX, request, **signed_in(ALEX))

    assert sign_in_link(answer)
    assert stage.sign_in.pages[-1].claims == "{mfa}"
    assert stage.now_of(request).carry_state is CarryState.TROUBLED


async def test_whoever_has_to_sign_in_finds_the_way_there_again(stage: Stage) -> None:
    """The person who has to sign in finds the link again after a redraw; others do not see it."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)
    own_cards = stage.journeys.own_cards

    theirs = await own_cards.refresh(await scene(stage, click(ALEX, Verb.REFRESH, request)))
    others = await own_cards.refresh(await scene(stage, click(DANA, Verb.REFRESH, request)))

    assert sign_in_link(theirs)
    assert sign_in_link(others) == ""


# --- coming back from the page ------------------------------------------------------------------------------------


async def test_whoever_comes_back_from_the_page_carries_the_decision(stage: Stage) -> None:
    """A person who comes back from the page carries the decision, under the name in the directory."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)

    said = await stage.journeys.signed.signed_in(request.id, "alex", Verb.FINISH, UserToken("alex", "token"))

    assert said == "Intune has been told: approved."
    assert stage.intune.said[0].note == f"Countersign {request.id}: approved by Alex."


async def test_only_what_takes_a_token_can_be_signed_in_for(stage: Stage) -> None:
    """The page can be used only for verbs that need a token."""
    request = await stage.taken_up()

    with pytest.raises(ValueError, match="not in"):
        await stage.journeys.signed.signed_in(request.id, "alex", Verb.CONFIRM_REJECT, UserToken("alex", "token"))


async def test_whoever_comes_back_without_a_token_lets_others_finish(stage: Stage) -> None:
    """If a person comes back from the sign-in page without a token, others may finish. They are told so once for each
    link."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)
    failed = SignInFailed(SignInTrouble.BLOCKED, "no")

    for _ in range(3):
        await stage.journeys.signed.sign_in_failed(request.id, "alex", "n1", failed)

    assert stage.now_of(request).carry_state is CarryState.TROUBLED
    (entry,) = stage.recorded(Kind.SIGN_IN_FAILED)
    assert (entry.who, entry.identified) == ("alex", Identified.NOBODY)
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.WAITS_FOR_ONE)]


@pytest.mark.parametrize("trouble", [SignInTrouble.MORE_PROOF, SignInTrouble.OTHER_PERSON])
async def test_what_the_page_itself_can_mend_is_told_to_nobody(stage: Stage, trouble: SignInTrouble) -> None:
    """A failure that the page itself can solve is not recorded, because the page offers another try."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)

    await stage.journeys.signed.sign_in_failed(request.id, "alex", "n1", SignInFailed(trouble, "no"))

    assert stage.now_of(request).carry_state is CarryState.WANTED
    assert stage.recorded(Kind.SIGN_IN_FAILED) == []


async def test_a_page_of_no_request_leaves_nothing_behind(stage: Stage) -> None:
    """A failed sign-in for a draft, which is not a request, records nothing."""
    await stage.journeys.signed.sign_in_failed("draft", "alex", "n1", SignInFailed(SignInTrouble.BLOCKED, "no"))

    assert stage.audit == []


# --- where the requestor is unknown -------------------------------------------------------------------------------


async def test_a_vote_on_one_s_own_token_counts_where_the_requestor_is_unknown(stage: Stage) -> None:
    """If the requestor is unknown, a vote with one's own token counts, decides and is carried at once."""
    request = await stage.taken_up(requestor=None)

    answer = await approve(stage, ALEX, request, **signed_in(ALEX))

    assert "Intune has been told: approved." in words(answer)
    (voted,) = stage.recorded(Kind.VOTED)
    assert voted.identified is Identified.BY_TOKEN
    assert [(said.verb, said.account) for said in stage.intune.said] == [("approve", "alex")]


async def test_a_vote_on_one_s_own_token_is_refused_like_every_other(stage: Stage) -> None:
    """A vote with one's own token is refused like every other, and the directory is read again for it."""
    request = await stage.taken_up(requestor=None)
    stage.directory.inactive.add("alex")

    token, fingerprint = UserToken("alex", "token"), fingerprint_of(request)
    said = await stage.journeys.signed.signed_in(request.id, "alex", Verb.CONFIRM_APPROVE, token, fingerprint)

    assert "Your account is disabled or a guest" in said
    assert stage.now_of(request).votes == ()
    assert stage.intune.said == []


@pytest.mark.parametrize("fingerprint", ["", "0" * 12])
async def test_a_vote_on_one_s_own_token_is_for_what_was_shown(stage: Stage, fingerprint: str) -> None:
    """A vote with one's own token needs the fingerprint of the present content; an older link has none."""
    request = await stage.taken_up(requestor=None)

    said = await stage.journeys.signed.signed_in(
        request.id, "alex", Verb.CONFIRM_APPROVE, UserToken("alex", "token"), fingerprint
    )

    assert "changed" in said
    assert stage.now_of(request).votes == ()
