"""Actions for which a person signed in, with the token that they brought."""

from dataclasses import dataclass
from typing import Literal, assert_never, get_args

from approvals.audit import Identified
from approvals.people import Person
from cards.actions import Verb
from handlers.carrying.carrying import Carrying, Signer
from handlers.carrying.troubles import problem_of
from handlers.emergency.breaking import BreakingGlass
from handlers.ordering.asking import Asking
from handlers.ports.directory import Directory
from handlers.ports.errors import SignInFailed, SignInTrouble
from handlers.ports.requests import IdempotencyKey, Requests
from handlers.ports.sign_in import UserToken

SignableVerb = Literal[Verb.ASK, Verb.BREAK, Verb.FINISH, Verb.CONFIRM_APPROVE, Verb.CANCEL_APPROVAL]
"""Verbs that need a person's own token."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Does what a person signed in for, in Teams or on the page."""

    requests: Requests
    directory: Directory
    asking: Asking
    breaking_glass: BreakingGlass
    carrying: Carrying

    async def act(self, verb: SignableVerb, request_id: str, signer: Signer) -> str:
        """Do what this person signed in for; return the sentence about the result.

        Raise `SignInFailed` if the token is not enough for it; then the failure is stored.
        """
        match verb:
            case Verb.ASK:
                return await self.asking.signed_in(request_id, signer.account, signer.token.proof)
            case Verb.BREAK:
                return await self.breaking_glass.signed_in(request_id, signer.account, signer.token)
            case Verb.FINISH:
                return await self.carrying.finish(request_id, signer)
            case Verb.CONFIRM_APPROVE:
                return await self.carrying.approve_signed(request_id, signer)
            case Verb.CANCEL_APPROVAL:
                return await self.carrying.cancel_approval(request_id, signer)
            case _:
                assert_never(verb)

    async def signed_in(self, request_id: str, account: str, verb: str, token: UserToken, fingerprint: str = "") -> str:
        """Act when a person comes back from the sign-in page; return the sentence for that page."""
        known = await self.directory.person(account)
        signer = Signer(account, known.name if known else account, token, fingerprint=fingerprint)
        return await self.act(_signable(verb), request_id, signer)

    async def sign_in_failed(self, request_id: str, account: str, nonce: str, error: SignInFailed) -> None:
        """Store that a person came back from the sign-in page without a token; once for each link.

        The link was made for this account, which proves nothing about who came back with it.
        """
        if error.trouble in (SignInTrouble.MORE_PROOF, SignInTrouble.OTHER_PERSON):
            return  # that page offers the next try; nobody else has to do anything yet
        once = IdempotencyKey(f"sign-in:{nonce}", account)
        if await self.requests.seen(once) or await self.requests.load(request_id) is None:
            return  # without a request the page was to prove who requests something, and nothing is requested
        caller = Person(account, "", frozenset({account}))
        await self.carrying.report_no_token(request_id, caller, Identified.NOBODY, problem_of(error), once)


def _signable(verb: str) -> SignableVerb:
    """Return the verb that a page was opened for; raise `ValueError` if it needs no token."""
    found: tuple[SignableVerb, ...] = get_args(SignableVerb)
    return found[found.index(Verb(verb))]
