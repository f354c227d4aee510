"""Syncs of Kili, Labelbox, isahit lab and Diffgram beside the vendor's SDK reading the same; peak memory at two sizes.

    python -m bench.platforms [--kinds KIND …] [--tasks 1000] [--large 50000] [--latency 0.05] [--rounds 3]
                              [--judges .judges]

The invented platforms of the tests answer from memory (bench/fakes.py), to both alike, at once and with `--latency`
seconds on the way of each answer; how much CPU they need for it is shown. `--judges` names the folder of environments
that `make judge` makes; without it the SDKs are left out. An SDK only reads, in the way of its documentation, and keeps
nothing; a sync records everything ("reading alone" is what it costs without that). They take turns, each in a process
of its own; medians are shown. The database's CPU is in no figure.

Rows are counted alike: tasks, labels, entries of histories (events, versions, reviews, moves), issues, comments and
active times. Of a sync they are those that its record holds afterwards, without what was concluded (`rows_of`); of an
SDK those that it handed to its program. Diffgram's SDK can ask for no task and no event: its program lists the files
with `all_files`, and gets what was drawn from the exports of all jobs, which it waits for by itself.

Targets: 3 times the SDK's rows a second; at most 1.2 times the memory (docs/performance.md).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.fakes import Fake, fake
from bench.ground import ROOT, ground, table
from bench.sync import READ, SYNC, rows_of
from tests.fakes import diffgram, isahit, kili, kili_story, labelbox_story

_BEGIN = """
import os, sys, time, warnings
os.environ.update(KILI_SDK_SKIP_CHECKS="1", KILI_DISABLE_TQDM="1")
warnings.simplefilter("ignore")
url, key, project_id = sys.argv[1:]
"""
_CLOCK = """
began, cpu = time.perf_counter(), time.process_time()
"""
_END = """
print(found, time.perf_counter() - began, time.process_time() - cpu, 0, read)
"""

KILI = """
kili = Kili(api_key=key, api_endpoint=url + "/api/label/v2/graphql")
label = ["id", "jsonResponse", "createdAt", "labelType", "secondsToLabel", "isSentBackToQueue", "skipped",
         "author.id", "author.email", "modelName", "isLatestLabelForUser", "consensusMark", "honeypotMark"]
fields = ["id", "externalId", "jsonMetadata", "priority", "status", "createdAt", "updatedAt", "content",
          *["labels." + name for name in label]]
assets = kili.assets(project_id, fields=fields)
events = kili.events.list(project_id=project_id)
issues = kili.issues(project_id, fields=["id", "status", "type", "assetId", "comments.id", "comments.text"])
kili.project_users(project_id, fields=["role", "user.id", "user.email"])
labels = [label for asset in assets for label in asset["labels"]]
times = [label for label in labels if label["secondsToLabel"] is not None and label["labelType"] != "PREDICTION"]
read = len(assets)
found = read + len(labels) + len(times) + len(events) + sum(len(issue["comments"]) for issue in issues)
"""
LABELBOX = """
client = lb.Client(api_key=key, endpoint=url + "/graphql", rest_endpoint=url + "/api/v1", app_url=url)
project = client.get_project(project_id)
names = ("attachments", "embeddings", "metadata_fields", "data_row_details", "project_details")
names += ("performance_details", "label_details", "interpolated_frames")
task = project.export(params=dict.fromkeys(names, True))
task.wait_till_done()
rows, found = [], 0
for one in task.get_buffered_stream():
    rows.append(one.json["data_row"]["id"])
    for project_of_row in one.json["projects"].values():
        found += len(project_of_row["project_details"].get("workflow_history") or ())
        for label in project_of_row["labels"]:
            found += 1 + len(label["label_details"].get("reviews") or ())
            seconds = label.get("performance_details") or {}
            seconds = seconds.get("performance_details_v2") or seconds
            found += sum(bool(seconds.get("seconds_to_" + kind)) for kind in ("create", "review", "rework"))
for start in range(0, len(rows), 2000):
    task = lb.DataRow.export(client, data_rows=rows[start:start + 2000], params={"all_model_runs": True})
    task.wait_till_done()
    runs = sum(1 for one in task.get_buffered_stream())
versions = sum(1 for one in project.label_versions())
said = sum(1 + len(one.comments()) for one in project.get_issues())
read, found = len(rows), len(rows) + found + versions + said
"""
ISAHIT = """
access, _, secret = key.partition(":")
lab = IsahitLab(access, secret, url + "/")
fields = ["data", "data.mask", "jobs", "jobs.history", "metrics"]
tasks = lab.tasks(project_id, optional_fields=fields, raw_data=True, disable_progress_bar=True)
read, found = 0, 0
for task in tasks:
    read += 1
    found += 1 + bool(task.get("data")) + sum(len(job.get("history") or ()) for job in task.get("jobs") or ())
"""
DIFFGRAM = """
client, _, secret = key.partition(":")
project = Project(project_id, client, secret, host=url)
files = project.default_directory.all_files()
jobs = project.job.list(limit=1000, status="All")
read = 0
for job in jobs:
    export = project.job.get_by_id(job["id"]).generate_export()
    read += sum(1 for name in export if name.isdecimal())
project.get_member_list(), project.get_label_list(), project.get_attributes()
found = len(files) + read
"""


class Vendor(NamedTuple):
    """How a platform is asked: path of its API, key, project, and how it is read with the vendor's SDK."""

    path: str
    key: str
    project: str
    imports: str
    program: str


VENDORS = {
    "kili": Vendor(kili.PATH, kili_story.KEY, kili_story.CARS, "from kili.client import Kili", KILI),
    "labelbox": Vendor("", labelbox_story.KEY, labelbox_story.PROJECT, "import labelbox as lb", LABELBOX),
    "isahit": Vendor("", isahit.KEY, isahit.PROJECT, "from isahitlab.client import IsahitLab", ISAHIT),
    "diffgram": Vendor("", diffgram.KEY, diffgram.PROJECT, "from diffgram import Project", DIFFGRAM),
}


class Reading(NamedTuple):
    """One reading: rows, wall and CPU seconds, the largest resident size in KiB, CPU seconds of the platform."""

    rows: int
    seconds: float
    cpu: float
    peak: int
    there: float


def main() -> None:
    """Rates of each kind at one size, then memory at two."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kinds", nargs="+", choices=VENDORS, default=list(VENDORS))
    options.add_argument("--tasks", type=int, default=1_000)
    options.add_argument("--large", type=int, default=50_000)
    options.add_argument("--latency", type=float, default=0.05)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--judges", type=Path, default=ROOT / ".judges")
    given = options.parse_args()
    os.environ["LABELTRAIL_ALLOW_HOSTS"] = "127.0.0.1"
    with ground():
        for kind in given.kinds:
            for latency in dict.fromkeys((0.0, given.latency)) if given.rounds else ():
                python = given.judges / kind / "bin" / "python"
                _rates(kind, given.tasks, latency, python, given.rounds)
            if given.large:
                _memory(kind, given.tasks, given.large)


def _rates(kind: str, tasks: int, latency: float, python: Path, rounds: int) -> None:
    found: defaultdict[str, list[Reading]] = defaultdict(list)
    judged = python.exists()
    with fake(kind, tasks, latency) as there:
        _sync(there, _connected(kind, there, f"warm-{latency}"))  # From now on the platform answers from memory.
        if judged:
            _sdk(kind, there, python)
        for number in range(rounds):
            project = _connected(kind, there, f"{latency}-{number}")
            for what in ("first sync", "second sync"):
                found[what].append(_sync(there, project)._replace(rows=rows_of(project)))
            reading = _reading(there, [sys.executable, "-c", READ, str(project)])
            found["reading alone"].append(reading._replace(rows=rows_of(project)))
            if judged:
                found[f"SDK of {kind}"].append(_sdk(kind, there, python))
    lines = []
    for what, readings in found.items():
        took, cpu, answering = (median(one[place] for one in readings) for place in (1, 2, 4))
        rows = readings[0].rows
        rates = f"{tasks / took:,.0f}", f"{rows / took:,.0f}"
        lines.append((what, f"{rows:,}", f"{took:.2f}", f"{cpu:.2f}", f"{answering:.2f}", *rates))
    header = ("what", "rows", "seconds", "CPU seconds", "the platform's", "tasks/s", "rows/s")
    answers = f"answers {latency * 1000:.0f} ms later" if latency else "answers at once"
    table(f"{kind}: {tasks:,} tasks, {answers}", header, lines)
    if judged:
        pairs = list(zip(found["first sync"], found[f"SDK of {kind}"], strict=True))
        clock, cpu = (median(theirs[place] / ours[place] for ours, theirs in pairs) for place in (1, 2))
        more = pairs[0][0].rows / pairs[0][1].rows
        print(
            f"\nFirst sync to SDK: {more * clock:.2f} times the rows a second (target: at least 3), {clock:.2f} times "
            f"the tasks; in a second of CPU {more * cpu:.2f} and {cpu:.2f}"
        )


def _memory(kind: str, small: int, large: int) -> None:
    readings: list[list[Reading]] = []
    for tasks in (small, large):
        with fake(kind, tasks) as there:
            project = _connected(kind, there, f"memory-{tasks}")
            readings.append([_sync(there, project) for _ in range(2)])
    table(
        f"{kind}: peak memory",
        ("what", f"{small:,} tasks, MiB", f"{large:,} tasks, MiB", "ratio (target: at most 1.2)", "seconds"),
        [
            (what, f"{least.peak / 1024:.0f}", f"{most.peak / 1024:.0f}", f"{most.peak / least.peak:.2f}",
             f"{most.seconds:.0f}")
            for what, least, most in zip(("first sync", "second sync"), *readings, strict=True)
        ],
    )  # fmt: skip


def _connected(kind: str, there: Fake, name: str) -> int:
    """A project of ours at an address of its own, so that it is a new one; its number."""
    from audit.live.connect import connect

    vendor = VENDORS[kind]
    url = f"{there.url}/as-{name}{vendor.path}"
    return connect(kind, url=url, account="", external_id=vendor.project, key=vendor.key).project.pk


def _sync(there: Fake, project: int) -> Reading:
    return _reading(there, [sys.executable, "-c", SYNC, str(project)])


def _sdk(kind: str, there: Fake, python: Path) -> Reading:
    vendor = VENDORS[kind]
    program = _BEGIN + vendor.imports + _CLOCK + vendor.program + _END
    return _reading(there, [str(python), "-c", program, there.url, vendor.key, vendor.project])


def _reading(there: Fake, command: list[str]) -> Reading:
    before = there.cpu()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{done.stderr}\n{command[0]} failed")
    rows, took, cpu, peak, *read = done.stdout.splitlines()[-1].split()
    if read and int(read[0]) != there.tasks:
        raise SystemExit(f"{command[0]} read {read[0]} tasks of {there.tasks}: that is not to be compared")
    return Reading(int(rows), float(took), float(cpu), int(peak), there.cpu() - before)


if __name__ == "__main__":
    main()
