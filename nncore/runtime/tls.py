"""Keys for encrypted connections between the lab, its scheduler and its workers.

Only processes that hold a key signed by the same authority can connect, in either direction. The
lab makes keys of its own for the cluster it starts. For a cluster on several machines, make them
once and copy the folder to each machine:

    python -m nncore.runtime.tls FOLDER
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

#: Days for which keys are valid.
VALID_DAYS = 3650
_NAME = "nncore"


@dataclass(frozen=True)
class KeyFiles:
    """The files that a process needs to connect, each in PEM format.

    Args:
        ca: The certificate of the authority that signed all keys.
        cert: The certificate of this process.
        key: The private key of this process.
    """

    ca: Path
    cert: Path
    key: Path

    @classmethod
    def in_folder(cls, folder: Path) -> KeyFiles:
        """Return the files as `write_keys` names them."""
        return cls(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> KeyFiles | None:
        """Return the files that `NNCORE_TLS_CA`, `_CERT` and `_KEY` name; None if none is set.

        Raises:
            ConnectionError: If one of them is not set, or names no file.
        """
        names = ("NNCORE_TLS_CA", "NNCORE_TLS_CERT", "NNCORE_TLS_KEY")
        values = [environment.get(name, "") for name in names]
        if not any(values):
            return None
        for name, value in zip(names, values, strict=True):
            if not Path(value).is_file():
                raise ConnectionError(f"{name} must name a file. Received: {value!r}")
        return cls(*map(Path, values))

    def security_settings(self) -> dict[str, object]:
        """Return the arguments of `distributed.Security` for every role."""
        settings: dict[str, object] = {"require_encryption": True, "tls_ca_file": str(self.ca)}
        for role in ("client", "scheduler", "worker"):
            settings[f"tls_{role}_cert"] = str(self.cert)
            settings[f"tls_{role}_key"] = str(self.key)
        return settings

    def environment(self) -> dict[str, str]:
        """Return the environment variables that give dask's own processes these keys."""
        prefix = "DASK_DISTRIBUTED__COMM__"
        variables = {f"{prefix}REQUIRE_ENCRYPTION": "True", f"{prefix}TLS__CA_FILE": str(self.ca)}
        for role in ("CLIENT", "SCHEDULER", "WORKER"):
            variables[f"{prefix}TLS__{role}__CERT"] = str(self.cert)
            variables[f"{prefix}TLS__{role}__KEY"] = str(self.key)
        return variables


def write_keys(folder: Path) -> KeyFiles:
    """Make an authority and one key signed by it, and write them to a folder.

    The authority's own key is thrown away, so nobody can sign further keys with it.

    Args:
        folder: Created if needed; only the user may read the files in it.

    Returns:
        The files.

    Raises:
        FileExistsError: If the folder has keys already.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = KeyFiles.in_folder(folder)
    authority, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = _certificate(f"{_NAME}-ca", authority, f"{_NAME}-ca", authority)
    cert = _certificate(_NAME, key, f"{_NAME}-ca", authority)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(files.key, private)
    _write(files.ca, ca.public_bytes(pem))
    _write(files.cert, cert.public_bytes(pem))
    return files


def _certificate(
    name: str, key: EllipticCurvePrivateKey, issuer: str, signer: EllipticCurvePrivateKey
) -> x509.Certificate:
    """Return a certificate for `key`, signed by `signer`; one that signs itself is an authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))  # clocks of other machines may be behind
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=key is signer, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    return builder.sign(signer, hashes.SHA256())


def _write(path: Path, data: bytes) -> None:
    """Write a new file that only the user may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def main(arguments: list[str] | None = None) -> None:
    """Make keys from the command line, and say how to use them."""
    parser = argparse.ArgumentParser(prog="python -m nncore.runtime.tls", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write ca.pem, cert.pem and key.pem")
    folder = parser.parse_args(arguments).folder
    try:
        files = write_keys(folder)
    except OSError as error:
        parser.error(f"{folder}: {error.strerror or error}")
    print(f"export NNCORE_TLS_CA={files.ca.resolve()}")  # noqa: T201 - the output of the command
    print(f"export NNCORE_TLS_CERT={files.cert.resolve()}")  # noqa: T201
    print(f"export NNCORE_TLS_KEY={files.key.resolve()}")  # noqa: T201


if __name__ == "__main__":
    main()
