"""A bundle opened: a ZIP as it is, an .age file with a passphrase or a key."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO, Any

from verifier.faults import Unreadable

MAGIC = (b"age-encryption.org/", b"-----BEGIN AGE")
KEY_ENDING = ".key.age"
"""Beside BUNDLE.age may lie BUNDLE.key.age: the key that opens it, itself under the passphrase."""
PIECE = 1 << 20


@contextmanager
def unwrapped(path: Path) -> Iterator[Path]:
    """The bundle itself: out of the ZIP in which it is handed out together with its key, else the file as it is."""
    inside = _handed_out(path)
    if not inside:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as outer:
        for name in inside:
            with outer.open(name) as source, Path(folder, PurePosixPath(name).name).open("wb") as target:
                shutil.copyfileobj(source, target, PIECE)
        yield Path(folder, PurePosixPath(inside[0]).name)


def _handed_out(path: Path) -> list[str]:
    """The names of a bundle and its key in a ZIP of just these two, the bundle first."""
    try:
        with zipfile.ZipFile(path) as outer:
            names = outer.namelist()
    except (OSError, ValueError, zipfile.BadZipFile):
        return []
    bundles = [name for name in names if name.endswith(".age") and not name.endswith(KEY_ENDING)]
    keys = [name for name in names if name.endswith(KEY_ENDING)]
    return [*bundles, *keys] if len(bundles) == 1 and len(names) == len(keys) + 1 else []


@contextmanager
def opened(path: Path, passphrase: str = "", identity: str = "") -> Iterator[IO[bytes]]:
    """The bundle's ZIP; raises `Unreadable` when there is none to be had."""
    try:
        with path.open("rb") as file:
            locked = file.read(19).startswith(MAGIC)
    except OSError as fault:
        raise Unreadable(f"{path} cannot be read: {fault.strerror}.") from fault
    if not locked:
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as plain:
        _decrypt(path, plain, passphrase, identity)
        plain.seek(0, io.SEEK_SET)
        yield plain


def _decrypt(path: Path, plain: IO[bytes], passphrase: str, identity: str) -> None:
    try:
        import pyrage
    except ImportError as fault:
        raise Unreadable("To open an .age file install pyrage, or open it with age first and give the ZIP.") from fault
    if not (passphrase or identity):
        raise Unreadable(f"{path.name} is sealed: give --passphrase-file or --identity.")
    try:
        keys = list(_keys(pyrage, path, passphrase, identity))
        with path.open("rb") as file:
            if keys:
                pyrage.decrypt_io(file, plain, keys)
            else:
                plain.write(pyrage.passphrase.decrypt(file.read(), passphrase))
    except (pyrage.DecryptError, pyrage.IdentityError, OSError, ValueError) as fault:
        raise Unreadable(
            f"{path.name} does not open: it was changed, or this is not its passphrase or key ({fault})."
        ) from fault


def _keys(pyrage: Any, path: Path, passphrase: str, identity: str) -> Iterator[Any]:
    """The keys in the key file given, or in the one beside the bundle, which the passphrase opens."""
    text = identity
    beside = path.with_name(path.name.removesuffix(".age") + KEY_ENDING)
    if not text and beside.is_file():
        text = pyrage.passphrase.decrypt(beside.read_bytes(), passphrase).decode()
    elif text.startswith(MAGIC[1].decode()):
        text = pyrage.passphrase.decrypt(text.encode(), passphrase).decode()
    for line in text.splitlines():
        if line.startswith("AGE-SECRET-KEY-"):
            yield pyrage.x25519.Identity.from_str(line.strip())


def hash_of(path: Path) -> str:
    """SHA-256 of a file."""
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
