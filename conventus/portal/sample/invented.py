"""Invented people and organisations for the samples: drawn from lists with a seed, nobody real."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FAMILY = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đào Đinh Mai Trịnh Tô Lương Cao Hà".split()
)
MIDDLE = {
    "female": "Thị Ngọc Thanh Thu Bích Diệu Hồng Kim Mỹ Phương".split(),
    "male": "Văn Đức Hữu Quang Minh Xuân Công Đình Khắc Trọng".split(),
}
GIVEN = {
    "female": "Ánh Bình Chi Dung Giang Hạnh Hằng Hiền Hoa Hương Lan Liên Loan Mai Nga Nhung Oanh Phượng Quỳnh Thảo "
    "Thủy Trang Tuyết Uyên Vân Xuyến Yến Ái Đào Thắm".split(),
    "male": "An Bảo Cường Dũng Đạt Hải Hiếu Hòa Hùng Khánh Kiên Lâm Long Mạnh Nam Nghĩa Phong Phúc Quân Sơn Tài Thành "
    "Thắng Tiến Toàn Trung Tuấn Vinh Đông Ưng".split(),
}
ORGANISATIONS = (
    (
        "cơ quan",
        "Cơ quan",
        "Ánh Dương;Bình Minh;Hoa Sen;Lam Giang;Tân Tiến;Thanh Bình;Trường Xuân;Sông Xanh;Hải Vân;Kim Liên".split(";"),
        24,
    ),
    (
        "trường học",
        "Trường",
        "Hoa Phượng;Mùa Xuân;Ban Mai;Sao Khuê;Hướng Dương;Tre Xanh;Hồng Hà;Mai Vàng".split(";"),
        22,
    ),
    (
        "doanh nghiệp",
        "Công ty",
        "Thăng Long Xanh;Lam Kinh Mới;Sao Mai Việt;Đại Phát Minh;Hoàng Mai Tín;Thành Đạt Phú;Việt Hưng An".split(";"),
        22,
    ),
    ("đơn vị sự nghiệp", "Trung tâm", "Bảo An;Thiện Tâm;Phúc Lâm;Đức Hòa;Minh Khang;Tâm Sáng".split(";"), 10),
)


@dataclass(frozen=True)
class Invented:
    """An invented person; `gender` as the import wants it."""

    name: str
    gender: str
    born: date
    joined: date


def people(count: int, seed: str) -> Iterator[Invented]:
    """`count` invented people, the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(count):
        gender = rng.choice(("female", "male"))
        born = date(1950, 1, 1) + timedelta(days=rng.randrange(52 * 365))
        joined = date(born.year + rng.randrange(19, 32), born.month, min(born.day, 28))
        name = f"{rng.choice(FAMILY)} {rng.choice(MIDDLE[gender])} {rng.choice(GIVEN[gender])}"
        yield Invented(name, gender, born, min(joined, date(2024, 5, 19)))


def organisations() -> Iterator[tuple[str, str]]:
    """78 invented organisations as (kind, name); the number in the name says that it is a sample."""
    for kind, word, names, count in ORGANISATIONS:
        for number in range(count):
            yield kind, f"Đảng bộ {word} {names[number % len(names)]} {number // len(names) + 1} (mẫu)"
