"""The credential that an application shows to Entra."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Credential:
    """An application's credential: exactly one of three.

    `secret`; `certificate`, a file with the private key (opened by `passphrase`), with either the certificate in it or
    its `thumbprint` (SHA-1, as the portal shows it) given here; or `managed_identity`, the client id of a user-assigned
    identity that the application trusts as its federated credential.
    """

    app_id: str
    secret: str = field(default="", repr=False)
    certificate: Path | None = None
    passphrase: str = field(default="", repr=False)
    thumbprint: str = ""
    managed_identity: str = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.secret, self.certificate, self.managed_identity))) != 1:
            raise ValueError(f"application {self.app_id} needs one of: secret, certificate, managed identity")
