"""Faults at random, for so many rounds; then the record is compared with its sources. `make storm ROUNDS=200`.

    python tests/crash/storm.py --rounds 20 [--seed 7] [--only kill_postgres]

Each round queues runs of all kinds (syncs of a platform that has faults of its own and goes on meanwhile, exports,
reports, verifications, and runs made for this), begins commands that load a file or sync, lets one fault happen while
they are worked on, and waits for their end. Every run must end exactly once as it has to, every export of one state
must be the same bytes, and nothing else may lie in the artefact folder. At the end the record must hold what platform
and file hold: nothing lost, nothing twice.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
PATIENCE = 240
"""Seconds within which everything of a round has to be over, on a machine that has other things to do."""
LABELS = ("coco", "yolo_v8", "kili", "labelbox")
CODES = ("answer", "unavailable", "busy", "key", "refused", "changing")
"""Of syncs that failed because of their platform."""


class Storm:
    """The ground, the workers on it, and the faults. Made after Django was set up."""

    def __init__(self, home: Path, rng: random.Random, rounds: int) -> None:
        from exportsite import postgres
        from tests.crash.labels import labelled_project
        from tests.crash.storm_loads import Commands
        from tests.crash.storm_source import Platform
        from tests.crash.workers import Worker
        from tests.factories import make_project, worked_task

        self.home, self.rng = home, rng
        self.ensure = lambda: postgres.ensure(home, say=lambda text: None)
        said = (home / "workers.log").open("ab")
        self.new_worker = lambda slot: Worker(os.environ, slot, said)
        self.workers = {1: self.new_worker(1), 2: self.new_worker(2)}
        self.project = make_project([event for n in range(30) for event in worked_task(f"T{n}", n)])
        self.labelled = labelled_project()
        self.platform = Platform(rng, rounds)
        self.commands = Commands(home, rng)
        for worker in self.workers.values():
            worker.ready()
        self.exported: dict[tuple[int, str, int, str], str] = {}
        """The SHA-256 of an export's file, by project, format, size of its log, and how its name ends."""
        self.tally: Counter[str] = Counter()
        self.faults = {
            name.removeprefix("do_"): getattr(self, name) for name in sorted(dir(self)) if name.startswith("do_")
        }

    # The faults. Each gets the runs of the round.

    def do_nothing(self, runs: list[Any]) -> None:
        """A round without a fault."""

    def do_kill_busy_worker(self, runs: list[Any]) -> None:
        if pids := self.busy():
            kill(self.rng.choice(pids), signal.SIGKILL)

    def do_kill_idle_worker(self, runs: list[Any]) -> None:
        idle = [pid for worker in self.workers.values() for pid in worker.ready() if pid not in self.busy()]
        if idle:
            kill(self.rng.choice(idle), signal.SIGKILL)

    def do_hang_worker(self, runs: list[Any]) -> None:
        if pids := self.busy():
            kill(self.rng.choice(pids), signal.SIGSTOP)

    def do_kill_helper(self, runs: list[Any]) -> None:
        if pids := self.helpers():
            kill(self.rng.choice(pids), signal.SIGKILL)
            self.tally["helper killed"] += 1

    def do_hang_helper(self, runs: list[Any]) -> None:
        if pids := self.helpers():
            kill(self.rng.choice(pids), signal.SIGSTOP)
            self.tally["helper hung"] += 1

    def do_kill_guard(self, runs: list[Any]) -> None:
        kill(self.some_worker().guard, signal.SIGKILL)

    def do_kill_supervisor(self, runs: list[Any]) -> None:
        slot = self.rng.choice([1, 2])
        self.workers[slot].process.kill()
        self.workers[slot].process.wait()
        self.workers[slot] = self.new_worker(slot)

    def do_stop_worker(self, runs: list[Any]) -> None:
        slot = self.rng.choice([1, 2])
        self.workers[slot].guard  # noqa: B018 - waits until it has begun
        check(self.workers[slot].stop() == 0, "a worker did not end cleanly")
        check(not self.workers[slot].alive(), "a stopped worker left processes behind")
        self.workers[slot] = self.new_worker(slot)

    def do_double_messages(self, runs: list[Any]) -> None:
        from exportsite.jobs import dispatch

        for run in runs:
            for _ in range(self.rng.randint(1, 3)):
                dispatch(run)

    def do_lose_messages(self, runs: list[Any]) -> None:
        from django_q.models import OrmQ

        OrmQ.objects.all().delete()

    def do_cancel(self, runs: list[Any]) -> None:
        from exportsite.jobs import cancel

        run = self.rng.choice(runs)
        if cancel(run):
            run.may_be_cancelled = True

    def do_kill_commands(self, runs: list[Any]) -> None:
        self.commands.kill_some()

    def do_kill_postgres(self, runs: list[Any]) -> None:
        from exportsite.postgres.place import find_place

        kill(int((find_place(self.home).data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)
        time.sleep(self.rng.uniform(0, 2))
        self.ensure()
        self.see_outage()

    def do_kill_backend(self, runs: list[Any]) -> None:
        """PostgreSQL then ends every connection and recovers."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
            kill(self.rng.choice([pid for (pid,) in cursor.fetchall()]), signal.SIGKILL)
        self.see_outage()

    def see_outage(self) -> None:
        """Wait until this process's connection is lost, unless nobody was killed, and until there is another."""
        from django.db import DatabaseError, InterfaceError, connection

        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                time.sleep(0.05)
            except (DatabaseError, InterfaceError):
                break
        until = time.monotonic() + PATIENCE
        while True:
            connection.close()
            try:
                connection.ensure_connection()
                return
            except DatabaseError:
                check(time.monotonic() < until, "the database does not come back")
                time.sleep(0.1)

    # A round

    def round(self, fault: str) -> None:
        """Queue runs, let the fault happen, wait, compare."""
        self.platform.harm()
        self.platform.go_on()
        self.revive()
        runs = self.queue()
        self.command(fault)
        time.sleep(self.rng.uniform(0, 2.5))
        self.platform.go_on()
        self.faults[fault](runs)
        for run in runs:
            self.expect_end(run)
        self.expect_commands(fault)
        self.expect_files()

    def revive(self) -> None:
        """Start workers that ended because no database was there when they began, as a service manager does."""
        for slot, worker in self.workers.items():
            if worker.process.poll() is not None:
                self.workers[slot] = self.new_worker(slot)
                self.tally["worker started anew"] += 1

    def queue(self) -> list[Any]:
        from audit.live.run import request_sync
        from audit.models import Mode, Task
        from audit.verification import request_verification
        from exports.reports.service import request_report
        from exports.run import request_export
        from tests.crash.trial.models import Trial
        from tests.crash.workers import queue

        deeds = self.rng.choices(["", "die", "fail", "hang once"], weights=[12, 1, 1, 1], k=self.rng.randint(1, 3))
        runs: list[Any] = [queue(Trial(steps=self.rng.randint(1, 25), pace=0.05, deed=deed)) for deed in deeds]
        runs.append(request_export(self.project, "trail", as_of=self.project.log.size, created_by="storm"))
        if self.rng.random() < 0.7:
            runs.append(request_sync(self.platform.project, self.rng.choice([Mode.FULL, Mode.INCREMENTAL]), "storm"))
        if self.rng.random() < 0.4:
            runs.append(request_export(self.platform.project, "trail", created_by="storm"))
        if self.rng.random() < 0.7:
            runs.append(request_export(self.labelled, self.rng.choice(LABELS), created_by="storm"))
        if self.rng.random() < 0.3:
            runs.append(request_verification(self.rng.choice([self.project, self.platform.project])))
        if self.rng.random() < 0.1:
            runs.append(
                request_report(self.project, Task.objects.filter(project=self.project).first(), created_by="storm")
            )
        self.rng.shuffle(runs)
        for run in runs:
            run.may_be_cancelled = False
        return runs

    def command(self, fault: str) -> None:
        """Begin a load or a sync by command, now and then; when commands are to be killed, always."""
        chance = 1.0 if fault == "kill_commands" else 0.25
        if self.rng.random() < chance:
            self.commands.load()
        if self.rng.random() < chance / 2:
            self.commands.start("sync", str(self.platform.project.pk))

    def expect_commands(self, fault: str) -> None:
        """Every command ended, and so did its run, soon, whatever became of it."""
        from exportsite.jobs.run import OPEN, kinds
        from tests.crash.workers import wait_for

        try:
            ended = self.commands.wait(PATIENCE)
        except subprocess.TimeoutExpired as problem:
            raise Failed(f"a command does not end: {problem.cmd}") from None
        self.tally.update("command done" if status == 0 else "command failed" for status in ended)
        open_ = [model._default_manager.filter(state__in=OPEN) for model in kinds()]
        wait_for(lambda: not any(runs.exists() for runs in open_), "the end of runs that commands left", PATIENCE)

    def expect_end(self, run: Any) -> None:
        from tests.crash.workers import ended

        ended(run, PATIENCE)
        deed = getattr(run, "deed", "")
        state, code = {"die": ("failed", "lost"), "fail": ("failed", "refused")}.get(deed, ("succeeded", ""))
        if run.may_be_cancelled and run.state == "cancelled":
            state, code = "cancelled", ""
        if hasattr(run, "mode") and run.state == "failed" and self.platform.harmed and run.error_code in CODES:
            state, code = "failed", run.error_code
        check(
            (run.state, run.error_code) == (state, code), f"{run.label()} {run.pk} ({deed}) is {run.state}: {run.error}"
        )
        check(run.lease_token is None and run.finished_at is not None, f"{run.pk} is over and held")
        if hasattr(run, "deed"):
            published = run.marks.filter(what="published").count()
            check(published == (state == "succeeded"), f"trial {run.pk}, {state}, was published {published} times")
        if run._meta.model_name == "verification" and state == "succeeded":
            check(run.result["holds"], f"a log does not hold: {run.result['problems'][:3]}")
        self.tally[f"{run._meta.model_name} {run.state}"] += 1
        self.tally["attempts"] += run.attempts

    def expect_files(self) -> None:
        """The artefact folder holds the files of runs that succeeded, each with the right bytes, and no other."""
        from django.conf import settings

        from exports.models import Export, Report

        folder = Path(settings.LABELTRAIL_ARTEFACTS)
        made = [*Export.objects.all(), *Report.objects.all()]
        recorded = {file["name"]: (run, file) for run in made for file in run.files}
        there = {path.name for path in folder.iterdir()} if folder.exists() else set()
        check(there == set(recorded), f"files without a run, or runs without files: {there ^ set(recorded)}")
        for name, (run, file) in recorded.items():
            digest = sha256((folder / name).read_bytes()).hexdigest()
            check(digest == file["sha256"], f"{name} has other bytes than its run says")
            if isinstance(run, Export):
                of = (run.project_id, run.format, run.as_of, name.rpartition("Z.")[2])
                same = self.exported.setdefault(of, digest)
                check(digest == same, f"{name} differs from another export of the same state")

    def end(self) -> None:
        """Compare the whole record with its sources, and stop."""
        from audit.live.run import request_sync
        from audit.log.verify import verify
        from audit.models import Mode
        from exportsite.jobs.run import OPEN, kinds
        from tests.crash.workers import ended

        self.platform.heal()
        last = ended(request_sync(self.platform.project, Mode.FULL, "storm"), PATIENCE)
        check(last.state == "succeeded", f"the last sync {last.state}: {last.error}")
        self.commands.load()
        check(self.commands.wait(PATIENCE) == [0], "the last load failed")
        for problem in (*self.platform.compare(), *self.commands.compare()):
            raise Failed(problem)
        for model in kinds():
            check(not model._default_manager.filter(state__in=OPEN).exists(), "a run is not over")
        check(verify(self.project.log).holds, "the project's log does not hold")
        for worker in self.workers.values():
            check(worker.stop() == 0, "a worker did not end cleanly")
            check(not worker.alive(), "a worker left processes behind")

    def busy(self) -> list[int]:
        """Processes of workers that hold a run."""
        from exportsite.jobs.run import HELD, kinds

        held = [model._default_manager.filter(state__in=HELD, attached=False) for model in kinds()]
        holders = [holder for runs in held for holder in runs.values_list("holder", flat=True)]
        return [int(holder.rpartition("/")[2]) for holder in holders]

    def helpers(self) -> list[int]:
        """Processes that draw for those, once there are any: forked from them, so with their command line."""
        from tests.crash.workers import children

        until = time.monotonic() + 10
        while time.monotonic() < until:
            for pid in self.busy():
                if found := [one for one in children(pid) if command_line(one) == command_line(pid)]:
                    return found
            time.sleep(0.05)
        return []

    def some_worker(self) -> Any:
        return self.rng.choice(list(self.workers.values()))


class Failed(Exception):
    """Something is not as it has to be."""


def check(holds: bool, text: str) -> None:
    if not holds:
        raise Failed(text)


def command_line(pid: int) -> bytes:
    """With which a process was started; nothing once it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def kill(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


@contextmanager
def ground() -> Iterator[Path]:
    """A new home with a running, migrated PostgreSQL, and Django set up on it with impatient settings."""
    from exportsite import postgres

    with tempfile.TemporaryDirectory(prefix="lt-storm-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        # Durable: a commit that a throw-away server forgets when it is killed would be no fault of ours.
        server = postgres.ensure(home, say=lambda text: None)
        os.environ.update(
            LABELTRAIL_HOME=str(home),
            DATABASE_URL=server.url,
            LABELTRAIL_SECRET_KEY="storm" * 10,
            DJANGO_SETTINGS_MODULE="tests.crash.settings",
            LABELTRAIL_ALLOW_HOSTS="127.0.0.1",
            TEST_PACE="0.02",
            TEST_FIRST_WAIT="0.05",
            TEST_LEASE="5",
            TEST_SILENCE="5",
            TEST_PATIENCE=str(PATIENCE),
            LABELTRAIL_EXPORT_PROCESSES="3",
        )
        for name in ("LABELTRAIL_PRIVATE_POSTGRES", "LABELTRAIL_KEY_DIR", "LABELTRAIL_ARTEFACTS"):
            os.environ.pop(name, None)
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
        try:
            yield home
        finally:
            connections.close_all()
            from exportsite.postgres import cluster, place

            cluster.stop(place.find_place(home), lambda text: None)


def main(arguments: list[str]) -> int:
    """Run the rounds; 0 when all was well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", nargs="+", metavar="FAULT", help="these faults in turn, instead of any at random")
    options = parser.parse_args(arguments)
    rng = random.Random(options.seed)
    print(f"seed {options.seed}", flush=True)
    faulthandler.register(signal.SIGUSR1)  # Says where a storm is that does not go on.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))  # Nothing of it stays behind.
    with ground() as home:
        storm = Storm(home, rng, options.rounds)
        try:
            _rounds(storm, options.rounds, options.only)
            storm.end()
        except Exception as problem:
            if not isinstance(problem, Failed | AssertionError):
                traceback.print_exc()
            kept = tempfile.mkdtemp(prefix="lt-storm-failed-")
            shutil.copytree(home / "artefacts", f"{kept}/artefacts")
            print(f"FAILED {problem}\nThe artefacts are in {kept}. The last that was said:", flush=True)
            for name in ("workers.log", "commands.log"):
                print((home / name).read_text(errors="replace")[-8_000:], flush=True)
            return 1
        finally:
            storm.commands.end()
            for worker in storm.workers.values():
                worker.kill()
    print(", ".join(f"{count} {name}" for name, count in sorted(storm.tally.items())))
    print(f"{options.rounds} rounds: 0 lost, 0 doubled, 0 half-published")
    return 0


def _rounds(storm: Storm, rounds: int, only: list[str] | None) -> None:
    for number in range(1, rounds + 1):
        fault = only[number % len(only)] if only else storm.rng.choice(list(storm.faults))
        began = time.monotonic()
        print(f"{number:4} {fault:20}", end="", flush=True)
        storm.round(fault)
        print(f" {time.monotonic() - began:5.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
