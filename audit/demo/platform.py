"""The platform that the demo shows, and its projects, connected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from audit.demo.redbrick.scripts import AGREEMENT, FIRST_DAY, LIVER, ORG
from audit.demo.redbrick.world import API_KEY, World
from audit.demo.redbrick.world import Project as Told
from audit.live.connect import connect
from audit.live.platforms import seal
from audit.live.policy import set_media
from audit.live.rules import Rule
from audit.live.schedules import set_schedule
from audit.models import Media, Mode, Project, Source

TASKS = ((LIVER, 260), (AGREEMENT, 60))
BEGIN = FIRST_DAY + timedelta(days=20)
"""The story has gone so far when the demo begins: most tasks are done, and there are twelve busy days to come."""
SPEED = 60.0
"""An hour of the story in a minute: six or seven events."""
SHOWN = "CT_ABD_0057_portal"
"""Asked about, rejected, reworked, replied to, accepted: the task whose dossier shows most."""


def demo_world(clock: Callable[[], datetime]) -> World:
    """What the platform knows."""
    world = World(clock=clock)
    world.projects = {script.id: Told(script, tasks, labels=True) for script, tasks in TASKS}
    return world


def connected(url: str) -> list[Project]:
    """The demo's projects, read from this address from now on.

    New ones are read incrementally every minute, and exports may ask for their media.
    """
    known = Source.objects.filter(kind="redbrick", account=ORG).first()
    if known is not None and known.base_url != url:
        # The port is another one with each start; the key is sealed for one address.
        known.base_url, known.name = url, "The invented platform"
        seal(known, API_KEY)
        known.save(update_fields=["base_url", "name", "key_id", "credentials"])
    return [_connected(url, script.id) for script, _ in TASKS]


def _connected(url: str, external_id: str) -> Project:
    found = connect("redbrick", url=url, account=ORG, external_id=external_id, key=API_KEY)
    if found.new:
        set_schedule(found.project, Mode.INCREMENTAL, Rule(minutes=1))
        set_media(None, found.project, Media.ON_EXPORT)
    return found.project
