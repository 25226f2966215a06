"""What holds for every template and every file we serve."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage
from django.template import Context, Template
from django.template.loader import render_to_string

from portal.core.errors import IllegalMove
from portal.core.templatetags.uswds import icon

ROOT = Path(settings.BASE_DIR)
STATIC = ROOT / "portal" / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted(
    path for path in (ROOT / "templates").rglob("*.html") if not {"emails", "letters"} & set(path.parts)
)
SPRITE = (VENDOR / "uswds" / "img" / "sprite.svg").read_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_has_nothing_the_content_policy_would_block(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"<[^>]*\sstyle\s*=", text), "style attribute"
    assert "<style" not in text, "style element"
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text), "event attribute"
    assert not re.search(r"hx-on|hx-vals=['\"]js:", text), "htmx script"
    assert not re.search(r"<script(?![^>]*(\ssrc=|type=\"application/json\"))", text), "inline script"


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    named = {name for path in TEMPLATES for name in re.findall(r'{% icon "(\w+)" %}', path.read_text())}

    missing = {name for name in named if f'id="{name}"' not in SPRITE}

    assert named
    assert not missing


def test_one_line_comments_do_not_span_lines() -> None:
    torn = [
        path.name
        for path in TEMPLATES
        for line in path.read_text().splitlines()
        if line.count("{#") != line.count("#}")
    ]

    assert not torn


def test_icon_is_hidden_from_screen_readers() -> None:
    html = icon("lock")

    assert 'aria-hidden="true"' in html
    assert html.endswith('sprite.svg#lock"></use></svg>')


def test_vendor_files_are_the_ones_that_were_checked() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    ours = {"README.md", "SHA256SUMS"}

    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and str(path.relative_to(VENDOR)) not in ours
    }

    assert found == listed


def test_every_address_in_our_css_leads_to_a_file(tmp_path: Path) -> None:
    storage = ManifestStaticFilesStorage(location=str(tmp_path))
    source = FileSystemStorage(location=str(STATIC))
    paths = {
        str(path.relative_to(STATIC)): (source, str(path.relative_to(STATIC)))
        for path in STATIC.rglob("*")
        if path.is_file()
    }
    for name, (place, _) in paths.items():
        with place.open(name) as opened:
            storage.save(name, opened)

    outcomes = list(storage.post_process(paths))

    assert not [outcome for outcome in outcomes if isinstance(outcome[2], Exception)]


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html"])
def test_error_page_extends_the_public_frame_with_one_heading(name: str) -> None:
    html = render_to_string(name)

    assert html.count("<h1") == 1
    assert 'id="main"' in html


def test_server_error_page_needs_no_context() -> None:
    html = Template((ROOT / "templates" / "500.html").read_text()).render(Context())

    assert "Something went wrong on our side" in html


def test_refusal_gives_the_rules_own_sentence() -> None:
    html = render_to_string("refusal.html", {"error": IllegalMove("This request is closed <now>.")})

    assert "This request is closed &lt;now&gt;." in html


@pytest.mark.parametrize(
    ("row", "expected", "absent"),
    [
        (
            {"title": "Approve", "status": "Ready", "kind": "info", "url": "/go/"},
            'href="/go/"',
            "Cannot start yet",
        ),
        (
            {"title": "Release", "status": "", "url": "/go/", "blocked_reason": "nothing is approved."},
            "Cannot start yet: nothing is approved.",
            'href="/go/"',
        ),
    ],
)
def test_task_is_a_link_unless_it_is_blocked(row: dict[str, str], expected: str, absent: str) -> None:
    html = render_to_string("components/task_list.html", {"rows": [row]})

    assert expected in html
    assert absent not in html


def test_stages_say_in_words_which_is_now() -> None:
    stages = [{"title": title} for title in ("Received", "Review", "Release")]

    html = render_to_string("components/stages.html", {"stages": stages, "current": 2})

    assert re.findall(r"\((done|now|not yet)\)", html) == ["done", "now", "not yet"]
    assert html.count('aria-current="step"') == 1


def test_money_table_shows_each_amount_and_the_sum() -> None:
    lines = [
        {"label": "Review", "amount_cents": 7500, "citation": "s. 6"},
        {"label": "Drive", "amount_cents": 750},
    ]

    html = render_to_string(
        "components/money_table.html", {"caption": "Estimate", "lines": lines, "total_cents": 8250}
    )

    assert re.findall(r"\$[\d.]+", html) == ["$75.00", "$7.50", "$82.50"]


def test_progress_is_polled_only_with_an_address() -> None:
    context = {"label": "Packing", "percent": 40, "note": "2 of 3"}

    polled = render_to_string("components/progress.html", {**context, "poll_url": "/poll/"})
    still = render_to_string("components/progress.html", context)

    assert 'hx-get="/poll/"' in polled
    assert "hx-get" not in still
    assert '<progress class="dl-progress__bar" max="100" value="40"' in still
