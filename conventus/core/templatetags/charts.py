"""Charts as server-rendered SVG in percentages: no script, no inline style, sharp at any width, each with its table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from django import template

from conventus.core.templatetags.looks import CONGRESS, State, Words, state_of

register = template.Library()

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Block:
    """One coloured rectangle; lengths are per cent of the plot, as text, because a template would localise a number."""

    state: State
    count: int
    x: str
    y: str
    width: str
    height: str


def percent(share: float) -> str:
    """A length for SVG."""
    return f"{share * 100:.3f}%"


def tick_step(largest: float) -> int:
    """The distance of an axis' marks: 1, 2 or 5 times a power of ten, so that about four of them reach `largest`."""
    size = 1
    while True:
        for step in (1, 2, 5):
            if step * size * 5 >= largest:
                return step * size
        size *= 10


def axis_top(largest: float) -> int:
    """Where the axis ends: at the first mark that nothing overtops."""
    step = tick_step(largest)
    return max(-(-int(largest) // step), 1) * step


def ticks(top: int) -> list[dict[str, str]]:
    """The marks of the axis, from the top down."""
    return [{"label": str(mark), "y": percent(1 - mark / top)} for mark in range(top, -1, -tick_step(top))]


def states_in(counts: Iterable[Counts]) -> list[State]:
    """The states that occur, the latest first, so that what is finished lies at the bottom and at the left."""
    found = {name for each in counts for name, count in each.items() if count}
    known = [look for name, look in reversed(CONGRESS.items()) if name in found]
    return known + [state_of(name) for name in sorted(found - CONGRESS.keys())]


def column_blocks(counts: Counts, states: Sequence[State], top: int, index: int, of: int) -> list[Block]:
    """One column of a stacked step chart, from the bottom upwards."""
    figures = [counts.get(look.name, 0) for look in states]
    sums = [0, *accumulate(figures)]
    return [
        Block(look, count, percent(index / of), percent(1 - end / top), percent(1 / of), percent(count / top))
        for look, count, end in zip(states, figures, sums[1:], strict=True)
        if count
    ]


def row_blocks(counts: Counts, states: Sequence[State], whole: int) -> list[Block]:
    """One row of a stacked bar chart, from the left."""
    figures = [counts.get(look.name, 0) for look in states]
    sums = [0, *accumulate(figures)]
    return [
        Block(look, count, percent(start / whole), "0", percent(count / whole), "100%")
        for look, count, start in zip(states, figures, sums, strict=False)
        if count
    ]


def line_pieces(line: Sequence[float | None], top: int) -> list[dict[str, str]]:
    """A stepped line: one level piece per column and the risers between them."""
    of = len(line)
    levels = [(index, value) for index, value in enumerate(line) if value is not None]
    flat = [_piece(index / of, (index + 1) / of, 1 - value / top, 1 - value / top) for index, value in levels]
    steps = pairwise(levels)
    return flat + [_piece(at / of, at / of, 1 - low / top, 1 - high / top) for (_, low), (at, high) in steps]


def _piece(x1: float, x2: float, y1: float, y2: float) -> dict[str, str]:
    return {"x1": percent(x1), "x2": percent(x2), "y1": percent(y1), "y2": percent(y2)}


def axis_labels(columns: Sequence[Mapping[str, Any]], most: int = 7) -> list[dict[str, Any]]:
    """The words under the columns, thinned out so that they do not touch."""
    step = -(-len(columns) // most)
    return [
        {"label": column["label"], "x": percent((index + 0.5) / len(columns))}
        for index, column in enumerate(columns)
        if index % step == 0
    ]


@register.inclusion_tag("core/components/step_chart.html")
def step_chart(
    columns: Sequence[Mapping[str, Any]],
    caption: Words = "",
    line: Sequence[float | None] = (),
    line_label: Words = "",
    now: int | None = None,
    note: Words = "",
    open: bool = False,
) -> dict[str, Any]:
    """States over time, a column per step: mappings of label, counts (state → number), url; `now` is today's column."""
    counts = [column["counts"] for column in columns]
    states = states_in(counts)
    top = axis_top(max([sum(each.values()) for each in counts] + [value or 0 for value in line] + [1]))
    return _figure(columns, states, caption=caption, note=note, open=open, line=line) | {
        "columns": [
            {**column, "blocks": column_blocks(column["counts"], states, top, index, len(columns))}
            for index, column in enumerate(columns)
        ],
        "ticks": ticks(top),
        "labels": axis_labels(columns),
        "line": line_pieces(line, top),
        "line_label": line_label,
        "now": None if now is None else percent((now + 0.5) / len(columns)),
    }


@register.inclusion_tag("core/components/bar_chart.html")
def bar_chart(
    rows: Sequence[Mapping[str, Any]], caption: Words = "", share: bool = False, note: Words = "", open: bool = False
) -> dict[str, Any]:
    """States per unit or kind, one bar per row: mappings of label, counts, url. `share` makes every bar full length."""
    states = states_in(row["counts"] for row in rows)
    totals = [sum(row["counts"].values()) for row in rows]
    longest = max([*totals, 1])
    drawn = [
        {**row, "total": total, "blocks": row_blocks(row["counts"], states, max(total, 1) if share else longest)}
        for row, total in zip(rows, totals, strict=True)
    ]
    return _figure(rows, states, caption=caption, note=note, open=open) | {"drawn": drawn}


def _figure(
    rows: Sequence[Mapping[str, Any]], states: Sequence[State], line: Sequence[float | None] = (), **words: Any
) -> dict[str, Any]:
    table = [_table_row(row, states, index, line) for index, row in enumerate(rows)]
    return {"states": states, "rows": table, **words}


def _table_row(
    row: Mapping[str, Any], states: Sequence[State], index: int, line: Sequence[float | None]
) -> dict[str, Any]:
    figures = [row["counts"].get(look.name, 0) for look in states]
    planned = line[index] if index < len(line) else None
    shown = {"label": row["label"], "url": row.get("url", "")}
    return {**shown, "figures": figures, "total": sum(figures), "line": planned}
