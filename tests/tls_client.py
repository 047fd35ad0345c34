"""What a websocket client of PyPI speaks TLS with, in tests."""

from __future__ import annotations

import ssl

import trustme

__all__ = ["trusting"]


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A client's context that checks certificates, and trusts this authority."""
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=authority.cert_pem.bytes().decode())
    # The client reads on one thread and writes on another, which OpenSSL is not made for
    # (github.com/openssl/openssl/issues/20446). With TLS 1.3 there is something to read just as it writes its request.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context
