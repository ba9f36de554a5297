"""A bundle sealed with age (docs/adr/0012-evidence.md): to a key under a passphrase, to people's keys, or to both."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .bundle import PIECE, BundleError, check_bundle


class LockError(ValueError):
    """A bundle cannot be sealed, or what was sealed does not open as it was."""


@dataclass(frozen=True)
class Sealed:
    """A sealed bundle that was opened again and found whole: its size and SHA-256, and the hash of its manifest."""

    size: int
    sha256: str
    manifest: str
    files: int


def new_key(passphrase: str) -> tuple[str, bytes]:
    """A key of its own for one bundle: the public half, and the secret half under the passphrase (an age key file)."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    locked = pyrage.passphrase.encrypt(f"{identity}\n".encode(), passphrase, armored=True)
    return str(identity.to_public()), locked


def keep_key(path: Path, locked: bytes) -> None:
    """Write the key under its passphrase beside the place of the bundle."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _private(path) as file:
        file.write(locked)


def wrong_recipient(key: str) -> bool:
    """Whether this is no public key of age."""
    import pyrage

    try:
        pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        return True
    return False


def seal(source: Path, target: Path, recipients: Sequence[str], manifest: str) -> Sealed:
    """Encrypt the bundle to `recipients`, open the result again, compare all of it; refuses what does not come back.

    It is opened with a further key that exists only in this call: the recipients' own keys are not here.
    """
    import pyrage

    proof = pyrage.x25519.Identity.generate()
    keys = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    if not keys:
        raise LockError("recipients")
    with source.open("rb") as plain, _private(target) as locked:
        pyrage.encrypt_io(plain, locked, [*keys, proof.to_public()])
        locked.flush()
        os.fsync(locked.fileno())
    files = _opened_again(target, proof, manifest)
    return Sealed(target.stat().st_size, file_hash(target), manifest, files)


def _opened_again(target: Path, proof: object, manifest: str) -> int:
    import pyrage

    with target.open("rb") as locked, tempfile.TemporaryFile(dir=target.parent) as plain:
        try:
            pyrage.decrypt_io(locked, plain, [proof])
            plain.seek(0, io.SEEK_SET)
            return check_bundle(plain, manifest)
        except (OSError, pyrage.DecryptError, BundleError) as fault:
            raise LockError(str(fault)) from fault


def _private(path: Path) -> IO[bytes]:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    return path.open("wb")


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
