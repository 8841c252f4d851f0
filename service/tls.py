"""TLS with a certificate of the service's own: browsers give pages the microphone on https and on localhost only.

Nobody vouches for the certificate, so a browser warns once. Its fingerprint is printed, to be compared.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wakeword.errors import DataError
from wakeword.files import write_whole

_FILE = "tls.pem"  # the key, then the certificate
_LIFETIME = timedelta(days=397)  # longer ones some browsers refuse
_RENEWAL = timedelta(days=30)  # before its end


def server_context(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Return the settings of a TLS server, and the certificate's SHA-256 fingerprint.

    folder: where the certificate is kept. It is made if there is none, or renewed if it is about to end.

    Raises:
        DataError: it can't be read or written.
    """
    file = folder / _FILE
    certificate = _read(file)
    if certificate is None or certificate.not_valid_after_utc < datetime.now(timezone.utc) + _RENEWAL:
        key, certificate = _make()
        write_whole(file, key + certificate.public_bytes(serialization.Encoding.PEM), private=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(file)
    return context, certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def network_address() -> str | None:
    """Return this computer's address in its network, or None if it has none. No packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address of documentation: the route to it tells the interface
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if ipaddress.ip_address(address).is_loopback else address


def _read(file: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise DataError(f"the certificate {file} can't be read: {error}; remove it, and another is made") from error


def _make() -> tuple[bytes, x509.Certificate]:
    """Make a key, in PEM, and its certificate for this computer's names and addresses."""
    key, now, host = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc), socket.gethostname()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"wakeword on {host}"[:64])])
    addresses = [address for address in ("127.0.0.1", "::1", network_address()) if address is not None]
    names = [text for text in ("localhost", host, f"{host.partition('.')[0]}.local") if text.isascii()]
    subjects = [
        *(x509.DNSName(text) for text in names),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses),
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # the clock of a telephone may be behind
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectAlternativeName(subjects), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem, certificate
