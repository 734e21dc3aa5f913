"""A certificate authority made at start, so that the product speaks real https to the simulated tenant."""

import ssl
from pathlib import Path

import trustme


class Authority:
    """Issues the one certificate that every simulated service shows, valid for localhost and 127.0.0.1."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self._leaf = self._ca.issue_cert("localhost", "127.0.0.1")
        self._listening = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._leaf.configure_cert(self._listening)

    def server_context(self) -> ssl.SSLContext:
        """What every simulated service listens with; nobody changes it."""
        return self._listening

    def client_context(self) -> ssl.SSLContext:
        """What a client needs to trust this authority, and nobody else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._ca.configure_trust(context)
        return context

    def write(self, path: Path) -> Path:
        """Write the authority's certificate as PEM, for settings that name a CA file."""
        self._ca.cert_pem.write_to_path(str(path))
        return path

    def write_server(self, path: Path) -> Path:
        """Write a key with its certificate as PEM, for a server that is not served from this process."""
        self._leaf.private_key_and_cert_chain_pem.write_to_path(str(path))
        return path
