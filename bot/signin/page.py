"""The bot's own sign-in page, for channels, where Teams has no silent sign-in, and for a second factor.

`GET /signin/{nonce}` sends the browser to Entra (authorization code with PKCE) and changes nothing but a cookie: a link
preview, which has no session, gets no further than Entra's sign-in page. `GET /signin/callback` uses the nonce up,
once, and only for the person it was created for. A nonce of the emergency page names no person and is not stored, so
it is not used up; Entra's code for it can be redeemed once.
"""

import json
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace

import structlog
from aiohttp import web

from bot.config.credential import Credential
from bot.entra.msal_client import (
    Authority,
    TokenAnswer,
    authorize_url,
    redeem_code,
)
from bot.entra.person_tokens import PersonTokens
from bot.entra.troubles import trouble_of
from bot.signin import html
from bot.signin.exchange import Nonces, SignInPurpose
from bot.signin.seal import Seal
from cards.actions import Verb
from handlers.ports.errors import PortError, SignInFailed, SignInTrouble
from handlers.ports.sign_in import UserToken

COOKIE = "__Host-countersign-signin"
"""Binds both halves of a sign-in to one browser; the prefix keeps sibling sites from setting it."""

EMERGENCY = "emergency"
"""The purpose of a sign-in that only identifies the person; it names no person in advance."""

_VERBS = frozenset({EMERGENCY, *Verb})
"""Valid purposes of a link. The nonce of a form is not a link."""

_COOKIE_SECONDS = 900
_WORD = re.compile(r"[A-Za-z0-9_-]{16,128}")
_CODE = re.compile(r"AADSTS(\d{1,9})")

SignedIn = Callable[[str, str, str, UserToken, str], Awaitable[str]]
"""What happens with a token: takes request id, person, verb, token and the fingerprint of what they were looking at;
returns the sentence for the last page.

`SignInFailed` means that the token was not sufficient; the person has to sign in again.
"""

Enter = Callable[[str, str], Awaitable[web.Response]]
"""Returns the page for a person who signed in on the emergency page: takes their account and their browser's word."""

InVain = Callable[[str, str, str, SignInFailed], Awaitable[None]]
"""Handles a failed sign-in: takes request id, person, the link's nonce and the reason."""

log = structlog.get_logger(__name__)


class SignInPage:
    """Both halves of a sign-in. `seal` is the same for all replicas; `public_url` is the bot's origin.

    A person who comes for the emergency page is identified by signing in, and `enter` shows it. `emergency_context` is
    the authentication context that Entra has to confirm for them, if any.
    """

    def __init__(  # noqa: PLR0913  what three parts of the sign-in share
        self,
        tokens: PersonTokens,
        nonces: Nonces,
        signed_in: SignedIn,
        in_vain: InVain,
        *,
        authority: Authority,
        credential: Credential,
        scope: str,
        public_url: str,
        seal: Seal,
        enter: Enter,
        emergency_context: str,
        clock: Callable[[], float],
    ) -> None:
        self._tokens = tokens
        self._nonces = nonces
        self._signed_in = signed_in
        self._in_vain = in_vain
        self._authority = authority
        self._credential = credential
        self._scope = scope
        self._callback_url = f"{public_url.rstrip('/')}/signin/callback"
        self._seal = seal
        self._enter = enter
        self._emergency = SignInPurpose("", "", EMERGENCY, context=emergency_context)
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the two routes, to be added to an application. Its access log must not contain their queries."""
        return [
            web.get("/signin/callback", html.in_words(self._end)),
            web.get("/signin/{nonce}", html.in_words(self._begin)),
        ]

    async def _begin(self, request: web.Request) -> web.Response:
        nonce = request.match_info["nonce"]
        purpose = await self._purpose(nonce)
        if purpose is None:
            return html.response(html.TOO_OLD)
        browser = browser_of(request) or secrets.token_urlsafe(32)
        address = self._address(purpose, nonce, browser)
        if "other" in request.query:
            address += "&prompt=select_account"
        response = web.Response(status=303, headers={**html.HEADERS, "Location": address})
        response.set_cookie(COOKIE, browser, max_age=_COOKIE_SECONDS, secure=True, httponly=True, samesite="Lax")
        return response

    async def _purpose(self, nonce: str) -> SignInPurpose | None:
        """Return the purpose of a nonce, without using it up."""
        if self._is_pass(nonce):
            return self._emergency
        kept = await self._nonces.peek(nonce) if _WORD.fullmatch(nonce) else None
        return SignInPurpose(**kept) if kept and kept["verb"] in _VERBS else None

    def _is_pass(self, nonce: str) -> bool:
        return self._seal.is_door_pass(nonce, self._clock())

    def _address(self, purpose: SignInPurpose, nonce: str, browser: str) -> str:
        """Return Entra's sign-in address. It has no login hint: anyone who opens the link would see the account."""
        return authorize_url(
            self._authority,
            self._credential.app_id,
            redirect_uri=self._callback_url,
            scopes=[self._scope],
            state=self._seal.state(nonce, browser),
            nonce=self._seal.id_nonce(nonce, browser),
            verifier=self._seal.verifier(nonce, browser),
            claims=_claims_of(purpose),
        )

    async def _end(self, request: web.Request) -> web.Response:
        browser = browser_of(request)
        nonce = self._seal.nonce_of(request.query.get("state", ""), browser) if browser else None
        if nonce is None:
            return html.response(html.OTHER_BROWSER)
        purpose = await self._purpose(nonce)
        if purpose is None:
            return html.response(html.TOO_OLD)
        try:
            token = await self._token(request, purpose, nonce, browser)
        except SignInFailed as trouble:
            log.warning("sign_in_failed", request_id=purpose.request_id, verb=purpose.verb, trouble=trouble.trouble)
            if purpose.verb != EMERGENCY:
                await self._in_vain(purpose.request_id, purpose.person, nonce, trouble)
            return await self._try_again(trouble, purpose, nonce)
        except PortError as trouble:
            log.warning("sign_in_failed", request_id=purpose.request_id, verb=purpose.verb, error=str(trouble))
            return html.response(html.ENTRA_IS_AWAY, f"/signin/{nonce}")
        if not self._is_pass(nonce) and not await self._nonces.consume(nonce):
            return html.response(html.TOO_OLD)
        if purpose.verb == EMERGENCY:
            return await self._enter(token.account, browser)
        return await self._go_on(purpose, token, nonce)

    async def _token(self, request: web.Request, purpose: SignInPurpose, nonce: str, browser: str) -> UserToken:
        """Return the token, only for the person of the nonce."""
        if "code" not in request.query:
            raise trouble_of(_refused(request))
        answer = await redeem_code(
            self._authority,
            self._credential,
            code=request.query["code"],
            verifier=self._seal.verifier(nonce, browser),
            redirect_uri=self._callback_url,
            scopes=[self._scope],
            nonce=self._seal.id_nonce(nonce, browser),
        )
        if not answer.token:
            raise trouble_of(answer)
        person = str(answer.id_claims.get("oid", "")) if purpose.verb == EMERGENCY else purpose.person
        self._tokens.check_id_token(answer.id_claims, person, purpose.context)
        self._tokens.check_result(answer, person)
        return UserToken(person, answer.token, answer.id_token)

    async def _try_again(self, failed: SignInFailed, purpose: SignInPurpose, nonce: str) -> web.Response:
        if purpose.verb == EMERGENCY and not failed.claims:
            nonce = self._seal.door_pass(self._clock())
        elif failed.claims or not await self._nonces.peek(nonce):  # it may be used up already
            nonce = await self._nonces.create(asdict(replace(purpose, claims=failed.claims or purpose.claims)))
        other = "?other" if failed.trouble is SignInTrouble.OTHER_PERSON else ""
        return html.response(html.OF_TROUBLE[failed.trouble], f"/signin/{nonce}{other}")

    async def _go_on(self, purpose: SignInPurpose, token: UserToken, nonce: str) -> web.Response:
        log.info("signed_in", request_id=purpose.request_id, verb=purpose.verb, person=purpose.person)
        try:
            known = purpose.request_id, purpose.person, purpose.verb
            sentence = await self._signed_in(*known, token, purpose.fingerprint)
        except SignInFailed as trouble:
            return await self._try_again(trouble, purpose, nonce)
        except PortError as trouble:
            log.warning("signed_in_in_vain", request_id=purpose.request_id, verb=purpose.verb, error=str(trouble))
            return html.response(html.NOT_PASSED_ON)
        return html.response(html.done(sentence))


def _claims_of(purpose: SignInPurpose) -> str:
    """Return the claims to ask Entra for: those it wanted itself, and our context, to be confirmed in the id token."""
    if not purpose.context:
        return purpose.claims
    wanted = json.loads(purpose.claims) if purpose.claims else {}
    wanted["id_token"] = {**wanted.get("id_token", {}), "acrs": {"essential": True, "value": purpose.context}}
    return json.dumps(wanted)


def browser_of(request: web.Request) -> str:
    """Return the browser's own random word, empty if it has none."""
    word = request.cookies.get(COOKIE, "")
    return word if _WORD.fullmatch(word) else ""


def _refused(request: web.Request) -> TokenAnswer:
    """Return the error in Entra's redirect. Its text is not repeated: only the number is used."""
    code = _CODE.search(request.query.get("error_description", ""))
    return TokenAnswer(error=request.query.get("error", "")[:60], error_codes=(int(code[1]),) if code else ())
