"""The client certificate of one call: what proves the hub to a server that asks for it (mutual TLS, RFC 8446 §4.4.2).

OpenSSL reads certificate and key from files only. They are given to it through pipes, so no byte of them is ever in a
file system.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread

from integrations_hub.connector.errors import CheckFailed
from integrations_hub.connector.probe import Credential
from integrations_hub.connector.reasons import Reason, StepName
from integrations_hub.connector.redaction import Secret
from integrations_hub.connector.site import listed, same_site

__all__ = ["ClientCertificate"]

_CERTIFICATE, _KEY = "certificate", "private_key"
_STORE_IT = f"Store the secret named in clientCertificateRef with {_CERTIFICATE} (the chain as PEM, the client's first)"
_NO_CERTIFICATE = "the certificate cannot be read"
_REMEDY = f"{_STORE_IT} and {_KEY} (the unencrypted key to it as PEM)."


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A secret with the fields `certificate` and `private_key`, both PEM, and when the client's own certificate ends.

    `owner` tells apart whose it is: no two tenants share a TLS context.
    """

    owner: str
    secret: Credential
    ends_at: datetime

    @classmethod
    def of(cls, owner: str, secret: Credential) -> ClientCertificate:
        """Take a secret as a client certificate.

        Raises:
            CheckFailed: `invalid_config`: the secret lacks a field, or the certificate cannot be read.
        """
        missing = [name for name in (_CERTIFICATE, _KEY) if name not in secret.fields]
        if missing:
            raise _unusable(f"its secret has no field {', '.join(missing)}")
        ends_at = _end(secret.fields[_CERTIFICATE].reveal())
        if ends_at is None:
            raise _unusable(_NO_CERTIFICATE)
        return cls(owner, secret, ends_at)

    @property
    def chain(self) -> Secret:
        """Return the certificate and those it rests on, as PEM."""
        return self.secret.fields[_CERTIFICATE]

    @property
    def private_key(self) -> Secret:
        """Return the key, as PEM."""
        return self.secret.fields[_KEY]

    def may_go_beyond(self, host: str, target: str) -> bool:
        """Tell whether it may be shown to `target` (`host:port`), which a call to `host` has been sent on to."""
        if self.secret.allowed_hosts is not None:
            return listed(self.secret.allowed_hosts, target)
        return same_site(host, target.rpartition(":")[0])

    def load_into(self, context: ssl.SSLContext) -> None:
        """Have a TLS context present this certificate.

        Raises:
            CheckFailed: `invalid_config`: unreadable, encrypted, or a key that is not the certificate's.
        """
        with suppress(OSError, ValueError), _piped(self.chain) as chain, _piped(self.private_key) as key:
            # without a password of ours OpenSSL would ask for one on the terminal
            context.load_cert_chain(chain, key, password="")
            return
        raise _unusable(_diagnosis(self.chain.reveal(), self.private_key.reveal()))


def _end(chain: str) -> datetime | None:
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - few calls have a certificate

    with suppress(ValueError):
        return load_pem_x509_certificate(chain.encode()).not_valid_after_utc
    return None


def _diagnosis(chain: str, key: str) -> str:
    """Say what is wrong: that OpenSSL could not seek in a pipe is all it tells itself."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - only what is wrong needs a diagnosis
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - as above

    try:
        certificate = load_pem_x509_certificate(chain.encode())
    except ValueError:
        return _NO_CERTIFICATE
    try:
        own = load_pem_private_key(key.encode(), None).public_key()
    except TypeError:
        return "the key is encrypted"
    except (ValueError, UnsupportedAlgorithm):
        return "the key cannot be read"
    return "the key is not the certificate's" if own != certificate.public_key() else "its chain cannot be read"


@contextmanager
def _piped(content: Secret) -> Iterator[str]:
    """Yield a path from which the content can be read once, in order."""
    encoded = content.reveal().encode()
    reader, writer = os.pipe()
    feeder = Thread(target=_feed, args=(writer, encoded), name="client-certificate", daemon=True)
    feeder.start()
    try:
        yield f"{'/proc/self/fd' if Path('/proc/self/fd').is_dir() else '/dev/fd'}/{reader}"
    finally:
        os.close(reader)  # whoever still writes is told so
        feeder.join()


def _feed(writer: int, content: bytes) -> None:
    with suppress(BrokenPipeError), os.fdopen(writer, "wb") as pipe:
        pipe.write(content)


def _unusable(what: str) -> CheckFailed:
    return CheckFailed(
        Reason.INVALID_CONFIG, f"the client certificate cannot be used: {what}", _REMEDY, step=StepName.TLS
    )
