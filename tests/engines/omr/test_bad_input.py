"""Bad input is named and refused, takes little memory, and the rest is read."""

import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import pytest
from PIL import Image as Pictures

from engines.omr.intake import open_source
from engines.omr.simulate import Simulator
from engines.omr.spec import OmrError
from tests.engines.omr.test_run import read

LITTLE = 600 * 2**20


@pytest.fixture
def scan(simulators: dict[str, Simulator], tmp_path: Path) -> bytes:
    path = tmp_path / "scan.jpg"
    cv2.imwrite(str(path), simulators["boxes"].scan(0, "clean-150").picture)
    data = path.read_bytes()
    path.unlink()
    return data


def locked_pdf() -> bytes:
    """The least PDF that no empty password opens."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"11" * 32 + b">/U<" + b"22" * 32 + b">>>",
    )  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%b endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\nstartxref\n%d\n%%%%EOF" % len(out)
    return out + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer


def huge_tiff(path: Path, wide: int, high: int) -> None:
    """An uncompressed grey TIFF whose pixels are a hole in the file: no room on disk, all of it in memory."""
    tags = ((256, wide), (257, high), (258, 8), (259, 1), (262, 1), (273, 4096), (277, 1), (278, high),
            (279, wide * high))  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    with path.open("wb") as file:
        file.write(struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + b"\0\0\0\0")
        file.truncate(4096 + wide * high)


def fill(folder: Path, scan: bytes) -> list[str]:
    """Seven files that cannot be read beside one that can."""
    (folder / "good.jpg").write_bytes(scan)
    (folder / "cut.jpg").write_bytes(scan[: len(scan) // 2])
    (folder / "empty.png").write_bytes(b"")
    (folder / "notes.txt").write_text("hello", encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (folder / "locked.pdf").write_bytes(locked_pdf())
    huge_tiff(folder / "gigabyte.tif", 32_000, 32_000)
    Pictures.new("1", (20_000, 20_000)).save(folder / "packed.tif", compression="group4")
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("0.jpg", scan)
    return sorted(path.name for path in folder.iterdir() if path.name != "good.jpg")


def test_bad_files_are_named_and_the_rest_is_read(
    folders: dict[str, Path], scan: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scans").mkdir()
    names = fill(tmp_path / "scans", scan)
    results = read(folders, tmp_path / "out", tmp_path / "scans", code=1)
    said = capsys.readouterr().err
    assert all(name in said for name in names)
    assert "Traceback" not in said
    assert results["totals"]["states"] == {"read": 1, "review": 0, "foreign": 0, "blank": 0, "unreadable": len(names)}


def test_a_locked_pdf_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    (tmp_path / "locked.pdf").write_bytes(locked_pdf())
    with pytest.raises(OmrError, match="encrypted"):
        open_source(tmp_path / "locked.pdf", "locked.pdf")


def test_an_archive_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("0.jpg", b"")
    with pytest.raises(OmrError, match="unpack it and give the folder"):
        open_source(tmp_path / "all.zip", "all.zip")


def test_a_picture_of_a_gigabyte_takes_no_memory(tmp_path: Path) -> None:
    huge_tiff(tmp_path / "gigabyte.tif", 32_000, 32_000)
    code = (
        "import sys; from pathlib import Path; from engines.omr.intake import open_source; "
        "from engines.omr.spec import OmrError\n"
        "try: open_source(Path(sys.argv[1]), 'x')\n"
        "except OmrError as error: sys.exit('too large' not in str(error))\n"
        "sys.exit(3)"
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (LITTLE, LITTLE))

    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "gigabyte.tif")], preexec_fn=limit, check=False)
    assert done.returncode == 0
