"""Reading: simulated scans are read as they were marked, or asked about, and never silently wrong."""

import numpy as np
import pytest

from engines.omr.reader import Reader
from engines.omr.simulate import CLEAN, DAMAGED, KINDS, OTHER, UNCLEAR, Simulator, mark

STYLES = ("strike", "boxes", "single")


@pytest.mark.parametrize("style", STYLES)
def test_no_simulated_scan_is_silently_wrong(
    style: str, simulators: dict[str, Simulator], readers: dict[str, Reader]
) -> None:
    for number, kind in enumerate((*KINDS[STYLES.index(style) :: 3], *UNCLEAR)):
        scan = simulators[style].scan(number, kind)
        reading = readers[style].read(scan.picture)
        result = mark(scan, reading.state, dict(reading.read))
        assert not result.wrong, (kind, number)
        assert not result.state_wrong, (kind, number, reading.state)
        if kind in UNCLEAR:
            assert reading.doubts


@pytest.mark.parametrize("style", STYLES)
def test_clean_scans_need_no_people(style: str, simulators: dict[str, Simulator], readers: dict[str, Reader]) -> None:
    for number in range(6):
        scan = simulators[style].scan(100 + number, CLEAN[number % len(CLEAN)])
        reading = readers[style].read(scan.picture)
        assert reading.state == "read", reading.doubts
        assert dict(reading.read) == dict(scan.truth)


def test_every_quarter_turn_reads_the_same(simulators: dict[str, Simulator], readers: dict[str, Reader]) -> None:
    picture = simulators["boxes"].scan(1, "clean-200").picture
    readings = [readers["boxes"].read(np.ascontiguousarray(np.rot90(picture, turn))) for turn in range(4)]
    assert len({reading.read for reading in readings}) == 1
    assert {reading.rotation for reading in readings} == {0, 90, 180, 270}


def test_reading_twice_is_the_same(simulators: dict[str, Simulator], readers: dict[str, Reader]) -> None:
    scan = simulators["strike"].scan(3, "noise")
    one, two = (readers["strike"].read(scan.picture) for _ in range(2))
    assert (one.read, one.doubts, one.quality) == (two.read, two.doubts, two.quality)


def test_the_simulator_is_seeded(simulators: dict[str, Simulator]) -> None:
    one, two = (simulators["boxes"].scan(5) for _ in range(2))
    assert one.truth == two.truth
    assert (one.picture == two.picture).all()
    assert set(KINDS) == {*CLEAN, *DAMAGED, *UNCLEAR, *OTHER}


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_an_even_picture_is_blank_at_most(shade: int, readers: dict[str, Reader]) -> None:
    reading = readers["boxes"].read(np.full((2339, 1654), shade, np.uint8))
    assert reading.state in ("blank", "unreadable")
    assert not reading.read
