"""Names of scripts that the vendored fonts lack print in the machine's Noto fonts, in reports and in their volumes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from exports.reports import glyphs
from tests.exports.reports.conftest import make_row
from tests.exports.reports.test_volumes_list_every_event import built
from tests.factories import AMARA, make_event, make_project

NAMES = {
    "NotoSansCJK": "王小明 陳大文 山田花子 かなカナ 김민준",
    "NotoSansThai": "สมชาย ใจดี",
    "NotoSansDevanagari": "प्रिया शर्मा",
}


def known(font: str) -> bool:
    return any(font in path.name and path.exists() for path in glyphs.FALLBACKS)


def read(path: Path) -> str:
    done = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    return re.sub(r"[\s\u200b\u2068\u2069]", "", done.stdout)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """A name, where the machine has the font that prints it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    if not known(request.param):
        pytest.skip(f"{request.param}-Regular is not installed (fonts-noto-cjk, fonts-noto-core)")
    return NAMES[request.param]


def test_a_report_prints_the_name(name, with_trail, printed):
    text = read(printed(with_trail(make_row(1, who=name), name=name)).path)
    # Twice: as the task's name, and as who did it. Vowel signs of Indic scripts have no order of their own in a PDF.
    assert text.count(name.split()[0][:1]) >= 2
    assert not any(f"‹U+{ord(char):04X}›" in text for char in name)
    assert "NotoSans" in text


@pytest.mark.django_db
def test_a_volume_prints_the_name(name, tmp_path):
    project = make_project([make_event("T1", "comment.added", 1, AMARA, text=name)])
    volume = built(project, tmp_path / "volumes")[0].path
    text = read(volume)
    assert set(name) - set(" ") <= set(text)
    assert not any(f"‹U+{ord(char):04X}›" in text for char in name)
    named = re.search(r"printedwithfontsofthemachine:(NotoSans\w*?)\(", text)
    assert named is not None
    with pikepdf.open(volume) as pdf:
        fonts = [
            str(item.FontName) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/FontName" in item
        ]
    # The face that is named, not another of the same file.
    assert [font for font in fonts if font.partition("+")[2].casefold().startswith(named[1].casefold() + "-")]
