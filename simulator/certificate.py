"""A certificate authority created at start, so that the product uses real HTTPS with the simulated tenant."""

import ssl
from pathlib import Path

import trustme


class Authority:
    """Issues one certificate for all simulated services, valid for localhost and 127.0.0.1."""

    def __init__(self) -> None:
        self._ca = trustme.CA()
        self._leaf = self._ca.issue_cert("localhost", "127.0.0.1")
        self._listening = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._leaf.configure_cert(self._listening)

    def server_context(self) -> ssl.SSLContext:
        """Return the context that all simulated services share; do not change it."""
        return self._listening

    def client_context(self) -> ssl.SSLContext:
        """Return a context for clients that trusts only this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._ca.configure_trust(context)
        return context

    def write(self, path: Path) -> Path:
        """Write the authority's certificate as PEM, for settings that name a CA file."""
        self._ca.cert_pem.write_to_path(str(path))
        return path

    def write_server(self, path: Path) -> Path:
        """Write a key with its certificate as PEM, for a server in another process."""
        self._leaf.private_key_and_cert_chain_pem.write_to_path(str(path))
        return path
