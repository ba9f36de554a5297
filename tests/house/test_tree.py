"""The tree itself: nothing of one machine in it, lists that can be checked, documents that tell the truth."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.house.tree import ROOT, files, modules, name, syntax_of, text_of

LONGEST = 450
GROWS = ("tests/", "packs/", "docs/")
HOSTS = [
    ".".join(parts)
    for parts in (
        ("files", "pythonhosted"),
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("registry", "npmjs"),
        ("registry", "yarnpkg"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("conda", "anaconda", "org"),
    )
]
PATHS = ["/" + "/".join(parts) for parts in (("work", "main"), ("work", "shared"), ("root", ""), ("home", "user"))]
LISTS = sorted((ROOT / "requirements").glob("*.txt"))
PAGES = [path for path in files() if path.suffix == ".md"]
README = ROOT / "README.md"


@pytest.mark.parametrize("word", HOSTS + PATHS)
def test_no_file_names_a_package_registry_or_a_place_of_one_machine(word: str) -> None:
    found = [name(path) for path in files() if word in text_of(path)]
    assert not found


def test_code_files_stay_small() -> None:
    long = {
        name(path): len(text_of(path).splitlines()) for path in modules("conventus", "config", "tools", "benchmarks")
    }
    assert {path: lines for path, lines in long.items() if lines > LONGEST} == {}


@pytest.mark.parametrize("path", modules("conventus", "config", "tools", "benchmarks", "tests"), ids=name)
def test_each_module_says_what_it_is_for(path: Path) -> None:
    assert not text_of(path).strip() or ast.get_docstring(syntax_of(path)), f"{name(path)} has no docstring"


# Lists of packages


@pytest.mark.parametrize("path", LISTS, ids=name)
def test_each_package_has_one_version_and_hashes(path: Path) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", text_of(path)).strip())
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==[^\s;]+( ; .+?)? \\\n", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("path", LISTS, ids=name)
def test_no_list_says_where_packages_come_from(path: Path) -> None:
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|@ ", text_of(path))


def test_both_lists_agree() -> None:
    def versions(listed: str) -> dict[str, str]:
        return dict(re.findall(r"(?m)^([a-z0-9._-]+)==(\S+)", text_of(ROOT / "requirements" / listed)))

    base, dev = versions("base.txt"), versions("dev.txt")
    assert base.items() <= dev.items()


def test_setup_finds_the_build_tool_in_the_list() -> None:
    (version,) = re.findall(r"(?m)^setuptools==(\d+)", text_of(ROOT / "requirements" / "base.txt"))
    assert int(version) >= 77


# Documents


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"(?s)```.*?```", "", text_of(page))
    targets = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'(?:src|href|srcset)="([^"]+)"', prose)
    for target in targets:
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        assert (page.parent / target.partition("#")[0]).exists(), f"{name(page)} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_a_page_tells_to_type_exists(page: Path) -> None:
    text = text_of(page)
    fenced, inline = re.findall(r"(?s)```\w*\n(.*?)```", text), re.findall(r"`([^`\n]+)`", text)
    code = "\n".join([*fenced, *inline, *re.findall(r"(?m)^ {4}(.+)$", text)])
    targets = set(re.findall(r"(?m)^([a-z-]+):", text_of(ROOT / "Makefile")))
    for line in re.findall(r"(?m)^\s*(?:\$ )?make ((?:[a-z-]+ ?)+)(?: |$)", code):
        assert set(line.split()) <= targets, f"{name(page)}: make {line}"
    for command in re.findall(r"(?m)^\s*(?:\$ )?(?:\.venv/bin/)?conventus ([a-z_]+)", code):
        assert command in get_commands() or command in {"help", "version"}, f"{name(page)}: conventus {command}"


def test_the_readme_gives_the_two_commands() -> None:
    text = text_of(README)
    assert "make demo" in text
    assert "make test" in text


def test_every_setting_is_documented() -> None:
    code = "\n".join(text_of(path) for path in modules("config", "conventus", "tools"))
    told = text_of(ROOT / "docs" / "operate" / "settings.md")
    for variable in sorted(set(re.findall(r"\bCONVENTUS_[A-Z_]+\b", code))):
        assert f"`{variable}`" in told, f"docs/operate/settings.md does not tell of {variable}"


def test_every_documented_setting_exists() -> None:
    code = "\n".join(text_of(path) for path in modules("config", "conventus", "tools"))
    for variable in re.findall(r"`(CONVENTUS_[A-Z_]+)`", text_of(ROOT / "docs" / "operate" / "settings.md")):
        assert variable in code, variable


def test_every_command_is_documented() -> None:
    own = {path.stem for path in modules("conventus") if path.parent.name == "commands" and path.stem != "__init__"}
    told = text_of(ROOT / "docs" / "operate" / "commands.md")
    assert not {command for command in own if f"`conventus {command}" not in told}
