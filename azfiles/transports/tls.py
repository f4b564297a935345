"""The TLS context that transports share: building one costs more than a hundred requests."""

from __future__ import annotations

import functools
import os
import ssl
from pathlib import Path

from azfiles.errors import RequestNotSent


def tls_context(ca_file: str | Path | None = None) -> ssl.SSLContext:
    """A TLS context that checks certificates and host names and speaks TLS 1.2 or newer and HTTP/1.1.

    It trusts certifi's authorities, and those in ``ca_file`` (PEM) too. ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` replace
    certifi's, as they do for other programs. ``RequestNotSent`` where ``ca_file`` cannot be read.
    """
    if ca_file is None:
        return _context(None, None)
    try:
        state = Path(ca_file).stat()
        # The size and time of the file are part of the key, so that a renewed file is read again.
        return _context(str(ca_file), (state.st_mtime_ns, state.st_size))
    except (OSError, ssl.SSLError) as error:
        raise RequestNotSent(f"the certificates in {str(ca_file)!r} cannot be read: {error}") from error


@functools.lru_cache(maxsize=16)
def _context(ca_file: str | None, _version: tuple[int, int] | None) -> ssl.SSLContext:
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file:
        context = ssl.create_default_context(cafile=file)
    elif folder:
        context = ssl.create_default_context(capath=folder)
    else:
        import certifi  # which imports more than all of this client: not where no https is spoken

        context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


__all__ = ["tls_context"]
