"""Scans of the second simulator, and marks that neither simulator makes: read rightly or asked about, never guessed."""

import cv2
import numpy as np
import pytest

from engines.omr import damage
from engines.omr.blank import PX
from engines.omr.codes import Image
from engines.omr.layout import Layout
from engines.omr.reader import Reader
from engines.omr.simulate import mark
from engines.omr.simulate_other import KINDS_OTHER, OtherSimulator

STYLES = ("strike", "boxes", "single")


@pytest.mark.parametrize("style", STYLES)
def test_no_scan_of_the_second_simulator_is_silently_wrong(
    style: str, layouts: dict[str, Layout], readers: dict[str, Reader]
) -> None:
    simulator = OtherSimulator(layouts[style], seed=5)
    for kind in KINDS_OTHER[STYLES.index(style) :: 7]:
        scan = simulator.scan(1, kind)
        reading = readers[style].read(scan.picture)
        result = mark(scan, reading.state, dict(reading.read))
        assert not result.wrong, kind
        assert not result.taken, kind
        assert not result.state_wrong, (kind, reading.state)


def test_the_second_simulator_is_seeded(layouts: dict[str, Layout]) -> None:
    one, two = (OtherSimulator(layouts["boxes"], seed=9).scan(2, "dirt") for _ in range(2))
    assert one.truth == two.truth
    assert (one.picture == two.picture).all()


@pytest.fixture
def form(layouts: dict[str, Layout], readers: dict[str, Reader]) -> Image:
    """An unmarked strike-out ballot, to draw on."""
    return readers["strike"].blanks[0].grey.copy()


def scanned(form: Image, skew: float = 0.4) -> Image:
    rng = np.random.default_rng(3)
    return damage.finished(damage.scanned(form, rng, 200, 0, skew), rng)


def test_a_ruled_line_through_all_names_is_no_streak(
    form: Image, layouts: dict[str, Layout], readers: dict[str, Reader]
) -> None:
    x = round((layouts["strike"].rows[0].lines[0].x + 20) * PX)
    cv2.line(form, (x, 0), (x - 30, len(form)), (40,), 4, cv2.LINE_AA)
    reading = readers["strike"].read(scanned(form))
    assert reading.state == "review"
    assert len(reading.doubts) >= len(layouts["strike"].rows)


def test_a_streak_of_the_scanner_is_passed_over(
    form: Image, layouts: dict[str, Layout], readers: dict[str, Reader]
) -> None:
    picture = np.ascontiguousarray(damage.scanned(form, np.random.default_rng(3), 200, 0, 0.4))
    x = round((layouts["strike"].rows[0].lines[0].x + 20) * PX)
    picture[:, x : x + 2] = np.minimum(picture[:, x : x + 2], 70)
    reading = readers["strike"].read(damage.finished(picture, np.random.default_rng(4)))
    assert (reading.state, set(dict(reading.read).values())) == ("read", {"chosen"})


def test_a_fold_through_a_name_is_asked_about_where_no_strike_is_darker(
    form: Image, layouts: dict[str, Layout], readers: dict[str, Reader]
) -> None:
    line = layouts["strike"].rows[2].lines[0]
    y = round((line.baseline - 0.3 * line.size) * PX)
    cv2.line(form, (0, y), (form.shape[1], y), (170,), 2, cv2.LINE_AA)
    assert dict(readers["strike"].read(scanned(form, 0.0)).read)["c2"] == "doubt"


@pytest.mark.parametrize("shade", [200, 215, 230])
def test_a_light_marker_over_a_name_is_asked_about(
    shade: int, form: Image, layouts: dict[str, Layout], readers: dict[str, Reader]
) -> None:
    x0, y0, x1, y1 = (round(value * PX) for value in layouts["strike"].rows[3].name_box)
    form[y0:y1, x0:x1] = np.minimum(form[y0:y1, x0:x1], shade)
    assert dict(readers["strike"].read(scanned(form)).read)["c3"] == "doubt"


def test_a_light_marker_over_nearly_all_names_is_asked_about(
    form: Image, layouts: dict[str, Layout], readers: dict[str, Reader]
) -> None:
    for row in layouts["strike"].rows[1:]:
        x0, y0, x1, y1 = (round(value * PX) for value in row.name_box)
        form[y0:y1, x0:x1] = np.minimum(form[y0:y1, x0:x1], 230)
    read = dict(readers["strike"].read(scanned(form)).read)
    assert [read[row.candidate] for row in layouts["strike"].rows] == ["chosen"] + ["doubt"] * 6


def test_a_light_marker_that_goes_on_between_the_rows_is_asked_about(
    form: Image, layouts: dict[str, Layout], readers: dict[str, Reader]
) -> None:
    row = layouts["strike"].rows[2]
    x0, x1 = (round(value * PX) for value in (row.name_box[0], row.name_box[2]))
    middle = round((row.zone[1] + row.zone[3]) / 2 * PX)
    form[middle - 36 : middle + 36, x0:x1] = np.minimum(form[middle - 36 : middle + 36, x0:x1], 222)
    assert dict(readers["strike"].read(scanned(form)).read)["c2"] == "doubt"


def test_a_strike_that_runs_into_the_next_name_is_asked_about(
    form: Image, layouts: dict[str, Layout], readers: dict[str, Reader]
) -> None:
    first, second = (row.lines[0] for row in layouts["strike"].rows[2:4])
    way = [(first.x - 5, first.baseline - 4), (first.x + 0.9 * first.width, first.baseline - 3),
           (second.x + 0.9 * second.width, second.baseline - 3), (second.x - 5, second.baseline - 4)]  # fmt: skip
    points = (np.array(way) * PX).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(form, [points], False, (50,), 4, cv2.LINE_AA)
    read = dict(readers["strike"].read(scanned(form)).read)
    assert (read["c2"], read["c3"]) == ("doubt", "doubt")


@pytest.mark.parametrize("shade", [200, 215, 230])
def test_a_light_marker_in_a_box_is_asked_about(
    shade: int, layouts: dict[str, Layout], readers: dict[str, Reader]
) -> None:
    sheet = readers["boxes"].blanks[0].grey.copy()
    x0, y0, x1, y1 = (round(value * PX) for value in layouts["boxes"].rows[1].boxes["agree"])
    sheet[y0 - 4 : y1 + 4, x0 - 4 : x1 + 4] = np.minimum(sheet[y0 - 4 : y1 + 4, x0 - 4 : x1 + 4], shade)
    assert dict(readers["boxes"].read(scanned(sheet)).read)["c1"] == "doubt"


def test_a_crossed_out_sheet_is_not_read(form: Image, readers: dict[str, Reader]) -> None:
    high, wide = form.shape
    for first, second in (((150, 300), (wide - 150, high - 200)), ((wide - 150, 300), (150, high - 200))):
        cv2.line(form, first, second, (60,), 5, cv2.LINE_AA)
    assert readers["strike"].read(scanned(form)).state == "review"


@pytest.mark.parametrize("axis", [0, 1])
def test_two_ballots_in_one_picture_are_asked_about(axis: int, form: Image, readers: dict[str, Reader]) -> None:
    reading = readers["strike"].read(scanned(np.concatenate([form, form], axis=axis), 0.0))
    assert not reading.read
    assert reading.state in ("review", "unreadable")


def test_a_sheet_full_of_specks_is_read(form: Image, readers: dict[str, Reader]) -> None:
    picture = scanned(form)
    picture[np.random.default_rng(1).random(picture.shape) < 0.003] = 0
    assert readers["strike"].read(picture).state == "read"
