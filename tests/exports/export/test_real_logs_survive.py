"""Event logs that are loaded and exported again say the same: to us, to pm4py, and to a second load."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from audit.models import Project
from audit.sources.files import FileOptions
from audit.sync import load_file
from exports.run import make_export
from tests.exports.sealed import verify

REAL = sorted((Path(__file__).parents[2] / "golden" / "eventlogs").glob("*.xes*"))
OWN = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0">
<string key="creator" value="A &amp; B"/>
<trace>
  <string key="concept:name" value="case 1"/>
  <string key="variant" value="Variant &lt;1&gt;"/>
  <event>
    <string key="org:resource" value="pete@example.org"/>
    <date key="time:timestamp" value="2010-12-30T14:32:00.000+01:00"/>
    <string key="concept:name" value="register"/>
    <float key="cost" value="50.10"/>
    <string key="by" value="pete@example.org"><int key="depth" value="1"/></string>
  </event>
  <event>
    <string key="org:resource" value="Mike"/>
    <date key="time:timestamp" value="2010-12-30T15:06:00.000+01:00"/>
    <string key="concept:name" value="examine"/>
  </event>
</trace>
<trace>
  <string key="concept:name" value="case 2"/>
  <event>
    <string key="org:resource" value="Mike"/>
    <date key="time:timestamp" value="2010-12-29T15:06:00.000+01:00"/>
    <string key="concept:name" value="register"/>
    <string key="lifecycle:transition" value="start"/>
  </event>
</trace>
</log>
"""


def attributes(element: etree._Element) -> list[Any]:
    """Attributes of an element, nested ones inside, without declarations."""
    found: list[Any] = []
    for child in element:
        tag = etree.QName(child).localname
        if tag not in ("trace", "event", "extension", "global", "classifier"):
            found.append((tag, child.get("key"), child.get("value"), *attributes(child)))
    return found


def told(path: Path) -> Iterator[Any]:
    """Everything that an XES file says, by trace and event, in a form that compares."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    root = etree.fromstring(data)
    yield attributes(root)
    for trace in root.iterfind("{*}trace"):
        yield attributes(trace), [attributes(event) for event in trace.iterfind("{*}event")]


def exported(path: Path, folder: Path) -> Path:
    load_file(str(path), "loaded", FileOptions())
    export = make_export(Project.objects.get(name="loaded"), "xes", output=folder / "out.xes")
    assert export.counts["written"] == export.counts["expected"]
    return Path(export.files[0]["path"])


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.xes"
    path.write_text(OWN)
    return path


def test_a_log_comes_back_attribute_by_attribute(db, own, tmp_path) -> None:
    assert list(told(exported(own, tmp_path))) == list(told(own))


def test_the_export_of_a_log_loads_as_the_same_events(db, own, tmp_path) -> None:
    again = load_file(str(exported(own, tmp_path)), "again", FileOptions())
    assert again.recorded == 3
    second = make_export(Project.objects.get(name="again"), "xes", output=tmp_path / "second.xes")
    assert list(told(Path(second.files[0]["path"]))) == list(told(own))


def test_the_export_of_a_log_verifies(db, own, tmp_path) -> None:
    done = verify(exported(own, tmp_path))
    assert done.returncode == 0, done.stdout


def test_pm4py_reads_as_many_traces_and_events(db, own, tmp_path) -> None:
    pm4py = pytest.importorskip("pm4py")
    frame = pm4py.read_xes(str(exported(own, tmp_path)))
    assert len(frame) == 3
    assert frame["case:concept:name"].nunique() == 2
    assert set(frame["org:resource"]) == {"pete@example.org", "Mike"}


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_a_real_log_comes_back_attribute_by_attribute(db, tmp_path, path) -> None:
    assert list(told(exported(path, tmp_path))) == list(told(path))
