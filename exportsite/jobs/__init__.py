"""Background runs that survive anything: the truth is a row with a lease, django-q2 only delivers a knock on the door.

`run` what every run is; `lease` claiming, heartbeat, fencing; `ends` how runs end; `queue` messages; `worker` from a
message to the work; `reaper` takes up what was left; `supervisor` and `cluster` the processes of `manage.py worker`.
Nothing else imports django_q.
"""

from exportsite.jobs.ends import cancel
from exportsite.jobs.errors import Cancelled, HandedBack, LeaseLost, RunFailed, Stopped
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
    "cancel",
    "claim",
    "dispatch",
    "every_tick",
    "perform",
]
