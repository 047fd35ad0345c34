"""What the standalone server encrypts with."""

from __future__ import annotations

import os
import ssl

from .exceptions import EndpointError

__all__ = ["Tls", "server_context"]

#: A context that is ready, or two files: the certificate, with its chain behind it, and its private key, both PEM.
Tls = ssl.SSLContext | tuple[str | os.PathLike[str], str | os.PathLike[str]]


def server_context(tls: Tls | None) -> ssl.SSLContext | None:
    """Return the context to serve ``wss://`` with; ``None`` for ``ws://``.

    Raises :exc:`~jambonz_sync.EndpointError` for files that cannot be used, and for a context that cannot serve.
    """
    if tls is None:
        return None
    if isinstance(tls, ssl.SSLContext):
        if tls.protocol == ssl.PROTOCOL_TLS_CLIENT:
            raise EndpointError(
                "ssl_context is one for clients, which cannot serve; make it by "
                "ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), or give the two files"
            )
        return tls
    try:
        certificate, key = tls
    except (TypeError, ValueError):
        raise TypeError("ssl_context is an ssl.SSLContext, or a pair of files: (certificate, private key)") from None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key, password=_refuse_to_ask)
    except OSError as error:  # ssl.SSLError is one
        raise EndpointError(
            f"cannot serve TLS with the certificate {os.fspath(certificate)} and the key {os.fspath(key)}: "
            f"{error.strerror or error}. Both must be PEM files, the certificate first, and belong together"
        ) from error
    return context


def _refuse_to_ask() -> str:
    # By default OpenSSL would ask on the terminal, and a service would hang there.
    raise EndpointError(
        "the private key is encrypted: load it into an ssl.SSLContext with its password, and give that as ssl_context"
    )
