"""Client authentication by secret or signed assertion; both are really checked."""

import secrets
from collections.abc import Mapping

import jwt
from cryptography.x509 import load_pem_x509_certificate

from simulator.entra.errors import EntraError, unknown_client
from simulator.world import Application, World

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def authenticated(world: World, form: Mapping[str, str], token_endpoint: str) -> Application:
    """Return the application that this form authenticates; raises `EntraError`."""
    app = world.applications.get(form.get("client_id", ""))
    if app is None:
        raise unknown_client(form.get("client_id", ""))
    if "client_assertion" in form:
        _check_assertion(app, form, token_endpoint)
    elif "client_secret" not in form:
        text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
        raise EntraError("invalid_client", 7000218, text, status=401)
    elif not secrets.compare_digest(form["client_secret"].encode(), app.secret.encode()):
        raise EntraError("invalid_client", 7000215, "Invalid client secret provided.", status=401)
    return app


def _check_assertion(app: Application, form: Mapping[str, str], token_endpoint: str) -> None:
    refused = EntraError(
        "invalid_client", 700027, "The certificate used to sign the assertion is not valid.", status=401
    )
    if form.get("client_assertion_type") != ASSERTION_TYPE or not app.certificate:
        raise refused
    public_key = load_pem_x509_certificate(app.certificate.encode()).public_key()
    try:
        jwt.decode(
            form["client_assertion"],
            public_key,  # type: ignore[arg-type]  # any other kind of key fails the algorithm check below
            algorithms=["RS256", "PS256"],
            audience=token_endpoint,
            issuer=app.app_id,
            subject=app.app_id,
            options={"require": ["exp", "aud", "iss", "sub", "jti"]},
        )
    except (jwt.InvalidTokenError, TypeError) as error:
        raise refused from error
