"""Background runs that survive anything: the truth is a row with a lease, django-q2 only delivers a knock on the door.

`run` what every run is; `here` how runs begin; `lease` claiming, heartbeat, fencing; `ends` how runs end; `queue`
messages; `worker` from a message to the work; `reaper` takes up what was left; `supervisor` and `cluster` the processes
of `manage.py worker`.
Nothing else imports django_q.
"""

from exportsite.jobs.ends import cancel
from exportsite.jobs.errors import Cancelled, HandedBack, LeaseLost, RunFailed, Stopped
from exportsite.jobs.here import Tell, do_here, hand_over, quietly
from exportsite.jobs.lease import Lease, claim
from exportsite.jobs.queue import dispatch
from exportsite.jobs.reaper import every_tick
from exportsite.jobs.run import LeasedRun, State
from exportsite.jobs.worker import perform

__all__ = [
    "Cancelled",
    "HandedBack",
    "Lease",
    "LeaseLost",
    "LeasedRun",
    "RunFailed",
    "State",
    "Stopped",
    "Tell",
    "cancel",
    "claim",
    "dispatch",
    "do_here",
    "every_tick",
    "hand_over",
    "perform",
    "quietly",
]
