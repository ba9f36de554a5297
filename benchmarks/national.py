"""An invented reorganisation of the size of 2025: 63 → 34 provinces, 10,051 → 3,321 communes, 441 divided."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from conventus.core import packs

TREE = packs.PACKS / "vn-party-2024" / "data" / "units-2025-01.csv"
PROVINCES, ALONE, COMMUNES, DIVIDED = 34, 11, 3_321, 441
Row = dict[str, str]


@dataclass
class National:
    """The rows of the plan and of the new tree."""

    steps: list[Row] = field(default_factory=list)
    tree: list[Row] = field(default_factory=list)

    def step(self, level: str, old: str, new: str, share: str = "whole", rule: str = "") -> None:
        """Add a row to the plan."""
        self.steps.append({"level": level, "old_code": old, "new_code": new, "whole_or_part": share, "rule": rule})

    def plan_csv(self) -> str:
        """The plan as a file."""
        return _csv(("level", "old_code", "new_code", "whole_or_part", "rule"), self.steps)

    def tree_csv(self) -> str:
        """The new tree as a file."""
        return _csv(("code", "parent_code", "level", "kind", "name"), self.tree)


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def units() -> list[Row]:
    """The national tree of January 2025."""
    with TREE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def national() -> National:
    """The invented plan: neighbours in the order of their codes are merged; nobody's real decision."""
    rows, out = units(), National()
    home = _merge_provinces([row for row in rows if row["level"] == "province"], out)
    district = {row["code"]: home[row["parent_code"]] for row in rows if row["level"] == "district"}
    for code in district:
        out.step("district", code, "")
    communes: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["level"] == "commune":
            communes[district[row["parent_code"]]].append(row)
    _merge_communes(communes, out)
    return out


def _merge_provinces(provinces: Sequence[Row], out: National) -> dict[str, str]:
    """Eleven stay alone, the others join in pairs and threes under the code of the first."""
    home: dict[str, str] = {}
    rest, groups = list(provinces[ALONE:]), PROVINCES - ALONE
    parts = [[one] for one in provinces[:ALONE]]
    for number in range(groups):
        size = len(rest) // (groups - number)
        parts.append(rest[:size])
        rest = rest[size:]
    for part in parts:
        for one in part:
            home[one["code"]] = part[0]["code"]
            if len(part) > 1:
                out.step("province", one["code"], part[0]["code"])
        out.tree.append({**part[0], "parent_code": ""})
    return home


def _merge_communes(communes: dict[str, list[Row]], out: National) -> None:
    total, wanted, divided = sum(map(len, communes.values())), COMMUNES, DIVIDED
    for province, rows in communes.items():
        count = max(1, round(wanted * len(rows) / total))
        total, wanted = total - len(rows), wanted - count
        groups = list(_groups(rows, count))
        borders = min(divided, max(0, len(groups) - 1), max(1, round(DIVIDED * len(rows) / 10_051)) + 1)
        divided -= borders
        _write_communes(province, groups, borders, out)


def _groups(rows: Sequence[Row], count: int) -> Iterator[list[Row]]:
    start = 0
    for number in range(count):
        end = len(rows) * (number + 1) // count
        yield list(rows[start:end])
        start = end


def _write_communes(province: str, groups: list[list[Row]], borders: int, out: National) -> None:
    """The last commune of each of the first `borders` groups is divided between it and the next group."""
    codes = [f"X{group[0]['code'][1:]}" if len(group) > 1 else group[0]["code"] for group in groups]
    for number, group in enumerate(groups):
        first = group[0]
        out.tree.append({**first, "code": codes[number], "parent_code": province, "name": f"{first['name']} mới"})
        for row in group:
            if row is group[-1] and number < borders:
                out.step("commune", row["code"], codes[number], "part", "50%")
                out.step("commune", row["code"], codes[number + 1], "part", "rest")
            elif row["code"] != codes[number]:
                out.step("commune", row["code"], codes[number])
