"""Each refusal that the code can utter has words, with every figure they need, and no words lie about unused."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from conventus.core.rules import REFUSALS
from tests.house.tree import import_everything, modules, name, syntax_of, text_of

CODE = modules("conventus", "config")
import_everything()


def uttered() -> Iterator[tuple[Path, ast.Call, str]]:
    """Each `Refusal("room.name", …)` in the code: where, the call, the code of the refusal."""
    for path in CODE:
        for node in ast.walk(syntax_of(path)):
            if isinstance(node, ast.Call) and _called(node) == "Refusal" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield path, node, first.value


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def test_each_has_words() -> None:
    assert not {f"{name(path)}:{call.lineno} {code}" for path, call, code in uttered() if code not in REFUSALS}


def test_each_brings_the_figures_that_its_words_need() -> None:
    lacking = []
    for path, call, code in uttered():
        given = {word.arg for word in call.keywords}
        if None in given or code not in REFUSALS:
            continue
        needed = set(re.findall(r"%\((\w+)\)", REFUSALS[code]))
        if not needed <= given:
            lacking.append(f"{name(path)}:{call.lineno} {code} lacks {', '.join(sorted(needed - given))}")
    assert not lacking, "\n".join(lacking)


def test_no_words_lie_about_unused() -> None:
    code = "\n".join(text_of(path) for path in CODE)
    assert not [key for key in REFUSALS if not _is_uttered(key, code)]


def _is_uttered(key: str, code: str) -> bool:
    """Whether the code names it: whole, by its name alone, or put together from a part (`f"org.{kind}_unknown"`)."""
    if f'"{key}"' in code or re.search(rf'"{key.partition(".")[2]}"(?!:)', code):
        return True
    built = re.findall(r'f"(\w+\.[^"\s]*\{[^"\s]*)"', code)
    return any(re.fullmatch(_pattern(text), key) for text in built)


def _pattern(text: str) -> str:
    return re.sub(r"\{[^}]*\}", "@", text).replace(".", r"\.").replace("@", r"\w+")


def test_no_two_rooms_give_one_code_different_words() -> None:
    seen: dict[str, str] = {}
    for path in CODE:
        for node in ast.walk(syntax_of(path)):
            if isinstance(node, ast.Call) and _called(node) == "refusal_texts" and len(node.args) == 2:
                _note(seen, path, node)


def _note(seen: dict[str, str], path: Path, call: ast.Call) -> None:
    room, texts = call.args
    if not (isinstance(room, ast.Constant) and isinstance(texts, ast.Dict)):
        return
    for key in texts.keys:
        assert isinstance(key, ast.Constant)
        code = f"{room.value}.{key.value}"
        assert code not in seen, f"{code} is worded in {seen[code]} and in {name(path)}"
        seen[code] = name(path)
