"""What holds for every page of the console: headers, words, style, and what it says when it fails."""

import gzip
import re
from pathlib import Path

import pytest
import yaml
from support.console import make_console
from support.homes import edit

from ivr import translations
from ivr.console import rights
from ivr.console.headers import POLICY
from ivr.store.acts import Action, Detail, Result

CONSOLE = Path(translations.__file__).parents[1] / "console"
TEMPLATES = {path.name: path.read_text("utf-8") for path in (CONSOLE / "templates").rglob("*.html")}
SOURCES = {path: path.read_text("utf-8") for path in CONSOLE.rglob("*.py")}
STYLE = "".join(path.read_text("utf-8") for path in (CONSOLE / "static").rglob("*.css"))


@pytest.fixture(scope="module")
def demo(shared_home, tmp_path_factory):
    return make_console(shared_home, tmp_path_factory.mktemp("state"), demo=True, url="http://127.0.0.1:8001")


@pytest.fixture
def browser(demo):
    return demo.browser()


def words(language):
    return translations._console(language)


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_every_language_has_the_same_words(language):
    assert words(language).keys() == words("nl").keys()


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_every_language_fills_in_the_same_values(language):
    def braces(text):
        return sorted(re.findall(r"{(\w+)", text))

    assert [name for name, text in words("nl").items() if braces(text) != braces(words(language)[name])] == []


def test_every_word_that_a_page_asks_for_is_there_and_every_other_word_is_gone():
    asked = set()
    for text in (*TEMPLATES.values(), *SOURCES.values()):
        asked |= set(re.findall(r"""["']([a-z][\w-]*(?:\.[\w-]+)+)["']""", text))
    # Named by a status, an act, a situation.
    built = re.compile(r"(error|acts|results|details|fact|remedy|contact-name|texts\.situations)\.")
    assert {name for name in words("nl") if not built.match(name)} <= asked
    called = {
        name
        for text in (*TEMPLATES.values(), *SOURCES.values())
        for name in re.findall(r"""(?<!translations\.)\b(?:t|say)\(\s*["']([\w.-]+)["']\s*[,)]""", text)
    }
    assert called <= words("nl").keys()


def test_every_act_and_every_result_has_a_word():
    named = {
        *(f"acts.{each}" for each in Action),
        *(f"results.{each}" for each in Result),
        *(f"details.{each}" for each in Detail),
    }
    assert {name for name in words("nl") if name.startswith(("acts.", "results.", "details."))} == named


def test_a_list_of_words_is_written_once():
    """YAML keeps the last of two equal keys."""

    def keys(node):
        names = [key.value for key, _ in node.value]
        assert len(names) == len(set(names)), names
        for _, value in node.value:
            if isinstance(value, yaml.MappingNode):
                keys(value)

    for language in translations.LANGUAGES:
        file = Path(translations.__file__).parent / f"console/{language}.yaml"
        keys(yaml.compose(file.read_text("utf-8")))


def test_a_component_that_a_page_uses_is_in_the_style_sheet():
    used = set()
    for text in TEMPLATES.values():
        for attribute in re.findall(r'class="([^"]*)"', text):
            used |= set(
                re.findall(r"(?:utrecht|nl)-[\w-]+(?![\w{-])", re.sub(r"{[{%].*?[}%]}", "{", attribute))
            )
    missing = {name for name in used if not re.search(rf"\.{re.escape(name)}(?![\w-])", STYLE)}
    assert missing == set()


def test_a_page_needs_nothing_inline():
    for name, text in TEMPLATES.items():
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text), name


def test_no_text_of_a_page_stands_in_a_template():
    for name, text in TEMPLATES.items():
        bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>|&\w+;", " ", text, flags=re.DOTALL)
        assert not re.search(r"\w{2,}", bare), (name, re.search(r"\w{2,}.*", bare))


@pytest.mark.parametrize("path", ["/", "/telefoon", "/gemeente/voorbeeldstad"])
def test_a_first_page_takes_less_than_60_kb_with_all_that_it_loads(browser, path):
    page = browser.get(path).text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    sizes = [len(browser.get(file, headers={"Accept-Encoding": "gzip"}).data) for file in files]
    assert any(file.endswith(".css") for file in files)
    assert len(gzip.compress(page.encode())) + sum(sizes) < 60_000


def test_the_style_loads_nothing_more():
    assert not re.search(r"@import|@font-face|url\((?!\s*[\"']?#)", STYLE)


def test_a_static_file_is_named_after_its_content_and_kept_by_browsers(browser):
    (file,) = re.findall(r'href="(/static/console\.[0-9a-f]{12}\.css)"', browser.get("/").text)
    plain = browser.get(file)
    packed = browser.get(file, headers={"Accept-Encoding": "gzip"})
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.content_type == "text/css; charset=utf-8"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("name", ["console.css", "../app.py", "%2e%2e/app.py", "vendor/ORIGIN.md"])
def test_no_other_file_is_served(browser, name):
    assert browser.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/", "/not-there", "/?taal=en"])
def test_no_page_is_kept_and_each_says_what_a_browser_may_load(browser, path):
    headers = browser.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe" not in POLICY
    assert "data:" not in POLICY


def test_the_console_speaks_dutch_until_it_is_asked_for_english_and_then_keeps_to_it(browser):
    assert '<html lang="nl"' in browser.get("/").text
    assert '<html lang="en"' in browser.get("/?taal=en").text
    assert '<html lang="en"' in browser.get("/").text
    assert '<html lang="nl"' in browser.get("/?taal=nl").text
    assert '<html lang="nl"' in browser.get("/?taal=xx").text


MANY = "9" * 30


@pytest.mark.parametrize(
    "url",
    [
        f"/logboek?before={MANY}",
        f"/gemeente/voorbeeldstad?concept={MANY}",
        f"/gemeente/voorbeeldstad/wie?concept={MANY}",
        f"/gemeente/voorbeeldstad/concept/{MANY}",
        f"/accounts/{MANY}",
        f"/telefoon?gemeente=voorbeeldstad&bron={MANY}",
    ],
)
def test_an_id_that_no_database_takes_is_no_error_of_ours(browser, url):
    assert browser.get(url).status_code in {200, 404}


def test_a_page_that_is_not_there_says_so_and_links_back(browser):
    page = browser.get("/weg?taal=nl")
    assert page.status_code == 404
    assert "Deze pagina bestaat niet" in page.text
    assert 'href="/"' in page.text


def test_a_page_that_fails_says_nothing_of_why(shared_home, tmp_path, monkeypatch, caplog):
    def fail(who):
        raise RuntimeError("the secret of somebody")

    monkeypatch.setattr("ivr.console.pages.overview._ordered", lambda *_: fail(None))
    console = make_console(shared_home, tmp_path, demo=True)
    page = console.browser().get("/")
    assert page.status_code == 500
    assert "Er ging iets mis" in page.text
    assert "secret" not in page.text
    assert "RuntimeError, fail" in caplog.text
    assert "secret" not in caplog.text


def test_who_is_not_signed_in_sees_no_page(shared_home, tmp_path):
    page = make_console(shared_home, tmp_path).browser().get("/")
    assert page.status_code in {401, 303}
    assert "Voorbeeldstad" not in page.text


def test_another_name_for_the_console_is_refused(demo):
    assert demo.app.test_client().get("/", base_url="http://elsewhere.example").status_code == 400


@pytest.mark.parametrize("origin", ["", "null", "https://elsewhere.example", "http://127.0.0.1:8001.example"])
def test_a_form_from_elsewhere_is_refused(browser, origin):
    assert browser.post("/", origin=origin).status_code == 403


def test_the_console_does_not_start_with_a_page_of_which_nobody_said_who_may_see_it(
    shared_home, tmp_path, monkeypatch
):
    monkeypatch.setattr(rights, "RIGHTS", {"static_file": rights.Right.ANYBODY})
    with pytest.raises(rights.IncompleteTable, match=r"overview\.overview"):
        make_console(shared_home, tmp_path)


def test_the_overview_has_every_municipality_and_what_is_wrong_with_it(home, tmp_path):
    console = make_console(home, tmp_path, demo=True)
    assert "gemeente Voorbeeldstad" in console.browser().get("/").text
    edit(home, "020-000 00 02", "112")
    page = console.browser().get("/").text
    assert "112 is een noodnummer" in page
    assert "1 fout" in page


def test_the_overview_says_so_when_the_files_cannot_be_read(home, tmp_path):
    console = make_console(home, tmp_path, demo=True)
    (home.root / "config/line.yaml").unlink()
    page = console.browser().get("/").text
    assert "Dit bestand is er niet." in page
    assert "gemeente Voorbeeldstad" in page


def test_a_finding_has_other_words_in_the_console_only_where_there_is_such_a_finding():
    named = {name.partition(".")[2] for name in words("nl") if name.startswith(("fact.", "remedy."))}
    assert named <= translations.codes("nl")
