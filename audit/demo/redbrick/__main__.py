"""`python -m audit.demo.redbrick [--port 4000] [--day 20] [--speed 600]`: run the fake platform until it is stopped."""

from __future__ import annotations

import argparse
import sys
import threading
from datetime import timedelta

from audit.demo.redbrick.scripts import FIRST_DAY, ORG
from audit.demo.redbrick.server import FakeRedBrick
from audit.demo.redbrick.world import TASKS, Clock, World


def main() -> None:
    """Serve until interrupted; prints where, and the ids and key to connect with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=4000)
    parser.add_argument("--tasks", type=int, default=TASKS)
    parser.add_argument("--day", type=float, default=20.0, help="how far the story has gone at the start, in days")
    parser.add_argument("--speed", type=float, default=600.0, help="how many seconds of the story pass in one of ours")
    asked = parser.parse_args()
    world = World(asked.tasks, Clock(FIRST_DAY + timedelta(days=asked.day), asked.speed), labels=True)
    with FakeRedBrick(world, asked.port) as fake:
        sys.stdout.write(f"{fake.url} organisation {ORG} key {world.key}\n")
        sys.stdout.writelines(f"project {project.script.id} {project.name}\n" for project in world.projects.values())
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
