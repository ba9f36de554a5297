"""One-bit scans: fat print hides most of a line, so what shows between the letters is asked about."""

import cv2
import numpy as np

from engines.omr.blank import PX
from engines.omr.reader import Reader
from engines.omr.simulate import Simulator, _digitised


def test_a_name_struck_through_in_part_is_never_taken_for_untouched(
    simulators: dict[str, Simulator], readers: dict[str, Reader]
) -> None:
    simulator, reader = simulators["strike"], readers["strike"]
    rows, asked = simulator.blanks[0].rows, 0
    for number in range(6):
        rng = np.random.default_rng((5, number))
        paper = simulator.blanks[0].grey.copy()
        line = rows[number % len(rows)].lines[0]
        y = round((line.baseline - 0.3 * line.size) * PX)
        ends = [round((line.x + share * line.width) * PX) for share in (0.05, 0.45)]
        cv2.line(paper, (ends[0], y), (ends[1], y + 2), 40, 2, cv2.LINE_AA)
        read = dict(reader.read(_digitised(paper, "bilevel", rng)).read)
        assert read.get(rows[number % len(rows)].candidate) in (None, "doubt")
        asked += bool(read)
    assert asked
