"""What somebody signed in for, with the token that they brought."""

from approvals.audit import Identified
from approvals.people import Person
from cards.actions import Verb
from handlers import asking, break_glass, carrying
from handlers.carrying import Signer
from handlers.desk import Desk
from handlers.ports.errors import SignInFailed, SignInTrouble
from handlers.ports.requests import Once
from handlers.ports.sign_in import UserToken
from handlers.troubles import sentence_for


async def act(desk: Desk, verb: Verb, request_id: str, signer: Signer) -> str:
    """Do what this person signed in for; returns the sentence that tells them what came of it.

    `SignInFailed` where the token is not enough for it: then it is stored that this came to nothing.
    """
    return await _DOES[verb](desk, request_id, signer)


async def signed_in(desk: Desk, request_id: str, account: str, verb: str, token: UserToken) -> str:
    """What happens when somebody comes back from the sign-in page; the sentence is for that page."""
    known = await desk.directory.person(account)
    return await act(desk, Verb(verb), request_id, Signer(account, known.name if known else account, token))


async def sign_in_failed(desk: Desk, request_id: str, account: str, nonce: str, error: SignInFailed) -> None:
    """What happens when somebody comes back from the sign-in page without a token; once for each link.

    The link was made for this account, which proves nothing of who came back with it.
    """
    if error.trouble in (SignInTrouble.MORE_PROOF, SignInTrouble.OTHER_PERSON):
        return  # that page offers them the next try; nobody else has to do anything yet
    once = Once(f"sign-in:{nonce}", account)
    if await desk.requests.seen(once) or await desk.requests.load(request_id) is None:
        return  # without a request it was to prove who asks for something, and nothing is asked for
    caller = Person(account, "", frozenset({account}))
    await carrying.report_no_token(desk, request_id, caller, Identified.NOBODY, sentence_for(error), once)


async def ask(desk: Desk, draft_id: str, signer: Signer) -> str:
    """Ask for what was drafted, now that it is proved who asks."""
    return await asking.signed_in(desk, draft_id, signer.account, signer.token.proof)


async def broken(desk: Desk, prompt_id: str, signer: Signer) -> str:
    """Break the glass, now that it is proved who does."""
    return await break_glass.signed_in(desk, prompt_id, signer.account, signer.token)


_DOES = {
    Verb.ASK: ask,
    Verb.BREAK: broken,
    Verb.FINISH: carrying.finish,
    Verb.CONFIRM_APPROVE: carrying.approve_signed,
    Verb.CANCEL_APPROVAL: carrying.cancel_approval,
}
