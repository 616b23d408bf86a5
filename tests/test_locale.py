"""What other packages leave in English has Chinese of ours, and the compiled catalogue is up to date."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

OURS = Path(__file__).parents[1] / "visitcare" / "locale" / "zh_Hans" / "LC_MESSAGES"

# Whose strings a user can meet.
PACKAGES = (
    "unfold",
    "django_filters",
    "drf_spectacular",
    "rest_framework",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.core",
    "django.db.models",
    "django.forms",
)
# Whose Chinese is read at run time. django_filters is not among them: it files its own under zh_CN.
WITH_CHINESE = ("django.conf", "django.contrib.admin", "django.contrib.auth", "rest_framework")
# unfold's adapters to packages that are not installed here.
ADAPTERS = {"constance", "guardian", "import_export", "location_field", "simple_history"}

LITERAL = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
CALL = re.compile(rf"\b(n?p?gettext(?:_noop)?|_)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)")
FUNCTION = re.compile(r"n?p?gettext(_lazy|_noop)?|_")
FIELD = re.compile(r'^(msg\S+) ((?:"(?:[^"\\]|\\.)*"\s*)+)', re.MULTILINE)
PLACEHOLDER_OR_TAG = re.compile(r"%(?:\(\w+\))?[a-z]|\{\w*\}|<[^>]+>")


def unquoted(source: str) -> list[str]:
    """The values of the quoted strings in a piece of source."""
    return [ast.literal_eval(literal) for literal in re.findall(LITERAL, source)]


def looked_up(function: str, texts: list[str]) -> str:
    """What gettext looks up for a call: the first text, after its context if the function takes one."""
    return "\x04".join(texts[:2]) if "pgettext" in function else texts[0]


def marked_in_python(source: str) -> Iterator[str]:
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call):
            function = getattr(call.func, "id", None) or getattr(call.func, "attr", "")
            constants = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
            if constants and FUNCTION.fullmatch(function):
                yield looked_up(function, constants)


def marked_in_script(source: str) -> Iterator[str]:
    for function, literals in CALL.findall(source):
        yield looked_up(function, unquoted(literals))


def marked_in_template(source: str) -> Iterator[str]:
    return marked_in_script(templatize(source))


READERS = {
    "django": {".py": marked_in_python, ".html": marked_in_template, ".txt": marked_in_template},
    "djangojs": {".js": marked_in_script},
}


def folder(package: str) -> Path:
    """Where a package is installed; it is not imported."""
    spec = find_spec(package)
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


@cache
def marked(package: str, domain: str = "django") -> dict[str, str]:
    """Every string a package marks for translation, with a file it stands in."""
    root = folder(package)
    found = {}
    for path in root.rglob("*"):
        place = path.relative_to(root)
        is_adapter = place.parts[0] == "contrib" and not ADAPTERS.isdisjoint(place.parts)
        if path.suffix in READERS[domain] and not is_adapter:
            found |= dict.fromkeys(READERS[domain][path.suffix](path.read_text(encoding="utf-8")), str(place))
    return found


def read_mo(path: Path) -> dict[str, str]:
    """The Chinese of a compiled catalogue. Chinese has one plural form, so the singular is key enough."""
    with path.open("rb") as file:
        entries = GNUTranslations(file)._catalog
    return {key if isinstance(key, str) else key[0]: text for key, text in entries.items()}


def read_po(path: Path) -> dict[str, str]:
    """The same of its source, where blank lines part the entries; the header stands under ""."""
    catalogue = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        fields = {name: "".join(unquoted(literals)) for name, literals in FIELD.findall(block)}
        if fields:
            key = "\x04".join(fields[name] for name in ("msgctxt", "msgid") if name in fields)
            catalogue[key] = fields.get("msgstr") or fields["msgstr[0]"]
    return catalogue


@cache
def with_chinese(domain: str) -> set[str]:
    """Every string that has Chinese at run time."""
    folders = [folder(package) / "locale" / "zh_Hans" / "LC_MESSAGES" for package in WITH_CHINESE]
    files = [place / f"{domain}.mo" for place in (*folders, OURS)]
    catalogues = [read_mo(file) for file in files if file.exists()]
    return {text for catalogue in catalogues for text, chinese in catalogue.items() if chinese.strip()}


@pytest.fixture
def source() -> dict[str, str]:
    """Our catalogue without its header."""
    catalogue = read_po(OURS / "django.po")
    del catalogue[""]
    return catalogue


@pytest.mark.parametrize("package", PACKAGES)
def test_strings_of_a_package_all_have_chinese(package: str) -> None:
    in_english = {
        text: place for text, place in marked(package).items() if text not in with_chinese("django")
    }
    assert in_english == {}


def test_strings_of_unfold_scripts_all_have_chinese() -> None:
    scripts = marked("unfold", "djangojs")
    in_english = {text: place for text, place in scripts.items() if text not in with_chinese("djangojs")}
    assert "Choose a Date" in scripts
    assert in_english == {}


def test_catalogue_has_no_string_that_no_package_marks(source: dict[str, str]) -> None:
    in_use = {text for package in PACKAGES for text in marked(package)}
    assert sorted(source.keys() - in_use) == []


def test_catalogue_keeps_placeholders_and_tags(source: dict[str, str]) -> None:
    kept = PLACEHOLDER_OR_TAG.findall
    altered = {
        text: chinese for text, chinese in source.items() if sorted(kept(text)) != sorted(kept(chinese))
    }
    assert altered == {}


def test_compiled_catalogue_is_in_step_with_its_source() -> None:
    assert read_mo(OURS / "django.mo") == read_po(OURS / "django.po")
