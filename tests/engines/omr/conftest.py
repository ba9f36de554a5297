"""Small printed layouts, made once, for all tests of the engine."""

from pathlib import Path
from typing import Any

import pytest

from engines.omr.layout import Layout, load_layout
from engines.omr.reader import Reader
from engines.omr.simulate import Simulator
from engines.omr.spec import parse_spec
from engines.omr.typeset import print_ballots

NAMES = (
    "Nguyễn Thị Minh Phượng", "Trần Văn Đức", "Łukasz Żółkowicz", "Jürgen Müßig", "Anneke 't Hoorn", "Hồ Ỷ",
    "Jan-Willem van der Meulen-IJsselstein",
)  # fmt: skip


def spec_of(style: str, count: int, **more: Any) -> dict[str, Any]:
    people = [{"id": f"c{n}", "name": NAMES[n % len(NAMES)]} for n in range(count)]
    return {
        "election": f"test-{style}", "title": "PHIẾU BẦU CỬ", "unit": "Xã Thạnh Mỹ", "seats": 1, "style": style,
        "candidates": people, "paper": "A5", "lang": "vi", "stamp_box": True, **more,
    }  # fmt: skip


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A folder with ballots.pdf and layout.json for each style."""
    made = {}
    for style, count in (("strike", 7), ("boxes", 5), ("single", 1)):
        made[style] = tmp_path_factory.mktemp(style)
        print_ballots(parse_spec(spec_of(style, count, copies=2)), made[style])
    return made


@pytest.fixture(scope="session")
def layouts(folders: dict[str, Path]) -> dict[str, Layout]:
    return {style: load_layout(folder / "layout.json") for style, folder in folders.items()}


@pytest.fixture(scope="session")
def readers(layouts: dict[str, Layout]) -> dict[str, Reader]:
    return {style: Reader(layout) for style, layout in layouts.items()}


@pytest.fixture(scope="session")
def simulators(layouts: dict[str, Layout]) -> dict[str, Simulator]:
    other = {"strike": "boxes", "boxes": "strike", "single": "boxes"}
    return {style: Simulator(layout, layouts[other[style]]) for style, layout in layouts.items()}
