"""Rule packs: what is wrong in one is named with its place, in one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from conventus.core import packs
from conventus.core.rules import Citation, Confidence, Refusal, Rule

Write = Callable[..., packs.Pack]


@pytest.fixture
def write(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Put the tiny pack on the shelf under another key, with a replacement or with text added, and load it."""

    def put(old: str = "", new: str = "", added: str = "") -> packs.Pack:
        text = (shelf / "tiny" / "pack.toml").read_text(encoding="utf-8").replace('"tiny"', '"other"')
        assert old in text
        (shelf / "other").mkdir(exist_ok=True)
        (shelf / "other" / "pack.toml").write_text(text.replace(old, new) + added, encoding="utf-8")
        packs.load.cache_clear()
        return packs.load("other")

    return put


def faults(write: Write, **change: str) -> str:
    """What the loader says about a broken pack."""
    with pytest.raises(Refusal) as caught:
        write(**change)
    assert caught.value.code == "packs.malformed"
    assert caught.value.params["key"] == "other"
    return str(caught.value.params["faults"])


def test_a_pack_is_read_and_pinned(shelf: Path) -> None:
    pack = packs.load("tiny")
    assert (pack.name, pack.version, pack.core.country, list(pack.core.levels)) == ("Tiny", "1", "VN", ["top", "low"])
    assert pack.pin == f"tiny@1#{pack.hash[:12]}"
    assert pack.documents["B@2025-01-01"].issued == date(2025, 1, 1)


def test_another_law_is_another_hash(write: Write) -> None:
    assert write(old='"VN"', new='"LA"').hash != packs.load("tiny").hash


@pytest.mark.parametrize("key", ["nowhere", "../tiny", "", "Tiny", "tiny/"])
def test_an_unknown_pack_is_refused_with_those_known(shelf: Path, key: str) -> None:
    with pytest.raises(Refusal, check=lambda fault: fault.code == "packs.unknown") as caught:
        packs.load(key)
    assert caught.value.params["known"] == "tiny"


def test_an_unknown_key_is_named(write: Write) -> None:
    assert "colour" in faults(write, old='country = "VN"', new='country = "VN"\ncolour = "red"')


def test_an_unknown_key_deep_down_is_named_with_its_place(write: Write) -> None:
    said = faults(write, old="order = 1", new="order = 1\nsize = 3")
    assert "size" in said
    assert "levels" in said
    assert "low" in said


def test_an_unknown_table_is_named(write: Write) -> None:
    assert "electoins" in faults(write, added="\n[electoins]\nmajority = 1\n")


def test_a_wrong_type_is_named_with_its_place(write: Write) -> None:
    said = faults(write, old="order = 0", new='order = "first"')
    assert "expected int, found 'first'" in said
    assert "levels" in said


def test_a_number_is_not_taken_for_a_word(write: Write) -> None:
    assert "expected str" in faults(write, old='country = "VN"', new="country = 84")


def test_a_word_is_not_taken_for_a_list_of_its_letters(write: Write) -> None:
    said = faults(write, old='languages = ["en", "vi"]', new='languages = "en"')
    assert "expected a list, found 'en'" in said
    assert "languages" in said


def test_yes_is_not_taken_for_one(write: Write) -> None:
    assert "expected int" in faults(write, old="order = 0", new="order = true")


def test_a_missing_value_is_named(write: Write) -> None:
    assert "country" in faults(write, old='country = "VN"', new="")


def test_a_missing_head_is_named(write: Write) -> None:
    assert "version" in faults(write, old='version = "1"', new="")
    assert "version" in faults(write, old="[pack]", new="[documents.x]")


def test_a_copied_pack_must_take_its_own_key(write: Write) -> None:
    assert "“tiny”" in faults(write, old='key = "other"', new='key = "tiny"')


def test_several_faults_are_told_in_one_go(write: Write) -> None:
    said = faults(write, old='country = "VN"\nlanguages = ["en", "vi"]', new='country = 84\ncolour = "red"')
    assert all(word in said for word in ("country", "colour", "languages"))


def test_bad_toml_is_named_with_its_line(write: Write) -> None:
    assert "line 4" in faults(write, old='version = "1"', new='version = "1')


def test_terms_fall_back_to_english_then_to_the_word(shelf: Path) -> None:
    (shelf / "tiny" / "terms.en.toml").write_text('[level]\ntop = "Assembly"\nlow = "Branch"\n', encoding="utf-8")
    (shelf / "tiny" / "terms.vi.toml").write_text('[level]\ntop = "Đại hội"\n', encoding="utf-8")
    packs.load.cache_clear()
    pack = packs.load("tiny")
    assert pack.term("level.top", "vi") == "Đại hội"
    assert pack.term("level.low", "vi") == "Branch"
    assert pack.term("role.session_keeper", "vi") == "session keeper"


def test_an_unknown_rule_is_refused_with_similar_names(shelf: Path) -> None:
    with pytest.raises(Refusal, check=lambda fault: fault.code == "packs.no_rule"):
        packs.rule_of(packs.load("tiny"), "core.majority")


def test_a_citation_reads_as_people_write_it() -> None:
    assert str(Citation("190-QĐ/TW@2024-10-10", "Article 3")) == "190-QĐ/TW (2024-10-10), Article 3"
    assert str(Citation("Bylaws")) == "Bylaws"


def test_every_shipped_pack_loads() -> None:
    assert {"association", "vn-party-2024"} <= set(packs.known())
    for key in packs.known():
        assert packs.load(key).rules()


# A rule is told by what it says on a day


@dataclass(frozen=True)
class Vote:
    """A room's table with one rule."""

    majority: Rule[int]


READING = 'value = {value}, cite = {{ document = "B@2025-01-01", article = "§ 4" }}, confidence = "{sure}"'


@pytest.fixture
def law(monkeypatch: pytest.MonkeyPatch, shelf: Path) -> None:
    """A second room with a law of its own."""
    monkeypatch.setitem(packs.LAWS, "vote", Vote)


def vote(*readings: str) -> str:
    """The room's table, with these readings of its rule."""
    return f"\n[vote]\nmajority = [{', '.join(f'{{ {reading} }}' for reading in readings)}]\n"


def test_the_reading_in_force_is_found_by_day(law: None, write: Write) -> None:
    old = READING.format(value=50, sure="stated") + ", valid_to = 2025-02-28"
    new = READING.format(value=60, sure="inferred") + ", valid_from = 2025-03-01"
    rule = packs.rule_of(write(added=vote(old, new)), "vote.majority")
    assert [rule.at(date(2025, month, day)).value for month, day in ((2, 28), (3, 1))] == [50, 60]
    assert rule.at(date(2025, 3, 1)).confidence is Confidence.INFERRED
    assert str(rule.at(date(2025, 3, 1)).cite) == "B (2025-01-01), § 4"


def test_a_day_that_no_reading_covers_is_refused_with_the_clause(law: None, write: Write) -> None:
    only = READING.format(value=50, sure="stated") + ", valid_from = 2025-03-01"
    rule = packs.rule_of(write(added=vote(only)), "vote.majority")
    with pytest.raises(Refusal, check=lambda fault: fault.code == "core.no_rule_in_force") as caught:
        rule.at(date(2025, 2, 28))
    assert caught.value.article == Citation("B@2025-01-01", "§ 4")


def test_a_reading_without_citation_or_with_a_wrong_value_is_named(law: None, write: Write) -> None:
    assert "cite" in faults(write, added=vote('value = 50, confidence = "stated"'))
    assert "expected int" in faults(write, added=vote(READING.format(value='"half"', sure="stated")))
    assert "Confidence" in faults(write, added=vote(READING.format(value=50, sure="certain")))


def test_a_missing_table_is_named_by_what_it_lacks(law: None, write: Write) -> None:
    assert "majority" in faults(write)


def test_a_misspelt_rule_is_offered_the_right_one(law: None, write: Write) -> None:
    pack = write(added=vote(READING.format(value=50, sure="stated")))
    with pytest.raises(Refusal, check=lambda fault: fault.code == "packs.no_rule") as caught:
        packs.rule_of(pack, "vote.majorty")
    assert caught.value.params["similar"] == "vote.majority"
