"""How an application proves to Entra that it is itself."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Credential:
    """How an application proves itself, by exactly one of three.

    `secret`; `certificate`, a file with the private key, which `passphrase` opens, and either the certificate itself or
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
