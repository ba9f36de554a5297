"""The columns of an import file, and the headings under which people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conventus.org.names import fold
from conventus.org.rules import (
    PERSON_COLUMNS,
    PERSON_REQUIRED,
    PLAN_COLUMNS,
    PLAN_REQUIRED,
    UNIT_COLUMNS,
    UNIT_REQUIRED,
)

OURS = frozenset({"row", "reason"})
"""Headings that a reject file adds; a corrected one comes back with them."""

_BETWEEN = re.compile(r"[\s_\-./()*:]+")


def plain(heading: str) -> str:
    """A heading without marks, case and signs between its words: `Mã đơn vị (*)` → `ma don vi`."""
    return " ".join(_BETWEEN.sub(" ", fold(heading)).split())


@dataclass(frozen=True)
class Columns:
    """What a kind of file holds: its columns in order, those that must be there, and other headings for them."""

    kind: str
    names: tuple[str, ...]
    required: tuple[str, ...]
    headings: dict[str, str]
    words: dict[str, tuple[str, ...]]

    def named(self, heading: str) -> str:
        """The column that a heading means; '' when it means none."""
        return self.headings.get(plain(heading), "")

    def found(self, headings: Sequence[str]) -> dict[str, int]:
        """Where each column stands among `headings`; of two headings for one column the first counts."""
        places: dict[str, int] = {}
        for place, heading in enumerate(headings):
            if name := self.named(heading):
                places.setdefault(name, place)
        return places

    def others(self, name: str) -> tuple[str, ...]:
        """Other headings for a column, as people write them."""
        return self.words.get(name, ())

    def missing(self, places: Iterable[str]) -> list[str]:
        """The required columns that are not among `places`."""
        return [name for name in self.required if name not in places]


def _columns(kind: str, names: tuple[str, ...], required: tuple[str, ...], others: dict[str, str]) -> Columns:
    words = {name: tuple(word.strip() for word in listed.split(",")) for name, listed in others.items()}
    headings = {plain(name): name for name in names}
    for name, listed in words.items():
        headings |= {plain(word): name for word in listed}
    return Columns(kind, names, required, headings, words)


UNITS = _columns(
    "units",
    UNIT_COLUMNS,
    UNIT_REQUIRED,
    {
        "code": "mã, mã số, mã đơn vị, mã tổ chức, unit code",
        "parent_code": "parent, superior, mã cấp trên, mã đơn vị cấp trên, cấp trên, trực thuộc, đơn vị cấp trên",
        "level": "cấp, cấp độ, cấp đơn vị",
        "kind": "loại, loại hình, loại đơn vị, loại hình đơn vị, type",
        "name": "tên, tên đơn vị, tên tổ chức, unit, unit name",
        "valid_from": "from, since, từ ngày, từ, ngày thành lập, ngày bắt đầu, hiệu lực từ",
        "valid_to": "until, to, đến ngày, đến, ngày kết thúc, ngày giải thể, hiệu lực đến",
    },
)

PEOPLE = _columns(
    "people",
    (*PERSON_COLUMNS, "post_unit_code", "joined", "official_from", "email"),
    PERSON_REQUIRED,
    {
        "number": "code, no, mã, mã số, số hiệu, số thẻ, số thẻ đảng viên, mã đảng viên, member number, card number",
        "name": "full name, họ tên, họ và tên, tên, họ và tên khai sinh",
        "sex": "gender, giới tính, giới, nam nữ",
        "born": "birth date, date of birth, birthday, ngày sinh, sinh ngày, ngày tháng năm sinh",
        "unit_code": "unit, mã đơn vị, mã chi bộ, chi bộ, đơn vị, mã tổ chức, đơn vị sinh hoạt",
        "membership": "kind, membership kind, loại đảng viên, diện, tư cách, tư cách đảng viên, tình trạng",
        "valid_from": "from, since, member since, từ ngày, từ, sinh hoạt từ, sinh hoạt từ ngày",
        "valid_to": "until, to, đến ngày, đến, sinh hoạt đến, sinh hoạt đến ngày",
        "post": "office, position, chức vụ, chức vụ đảng, chức danh",
        "post_from": "post since, giữ chức vụ từ, chức vụ từ, chức vụ từ ngày, ngày giữ chức vụ",
        "post_to": "post until, giữ chức vụ đến, chức vụ đến, chức vụ đến ngày",
        "post_unit_code": "post unit, mã đơn vị chức vụ, chức vụ tại",
        "joined": "date of joining, joined on, ngày vào đảng, ngày kết nạp",
        "official_from": "official since, ngày chính thức, ngày công nhận chính thức",
        "email": "e-mail, mail, thư điện tử, địa chỉ thư điện tử, hộp thư",
    },
)

PLANS = _columns(
    "plan",
    PLAN_COLUMNS,
    PLAN_REQUIRED,
    {
        "level": "cấp, cấp đơn vị",
        "old_code": "old, from, mã cũ, mã đơn vị cũ",
        "new_code": "new, to, successor, mã mới, mã đơn vị mới",
        "whole_or_part": "share, toàn bộ hay một phần, toàn bộ một phần, phạm vi",
        "rule": "quy tắc, cách chia",
    },
)

WHO = _columns(
    "who",
    ("number", "unit_code", "old_code", "new_code"),
    ("new_code",),
    {
        "number": "member number, mã, mã số, số thẻ, số thẻ đảng viên",
        "unit_code": "unit, mã đơn vị, mã chi bộ",
        "old_code": "old, from, mã cũ",
        "new_code": "new, to, successor, mã mới",
    },
)
"""Who goes where when a unit is divided: a person by number, or a unit below by code, and the unit that takes them."""

KINDS = {"units": UNITS, "people": PEOPLE}
