"""When a project is read by itself: the section of the page of syncs, and the page that its form is sent to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from audit import access, servicelog
from audit.live.rules import DAY_NAMES, DAYS, BadSchedule, Rule, daily, weekly
from audit.live.schedules import MODES, replace_schedules, told, words
from audit.models import Mode, Project, Role, Schedule
from audit.sources.origins import PLATFORMS
from exportsite.problems import FieldProblem, WrongRequest, check_keys, unknown

NEVER, MINUTES, DAILY = "never", "minutes", "daily"
CHOICES = (
    (NEVER, "Only when asked for"),
    (MINUTES, "Every … minutes"),
    (DAILY, "Daily at …"),
    *((day, f"{name}s at …") for day, name in zip(DAYS, DAY_NAMES, strict=True)),
)
FIELDS = ("when", "minutes", "at", "zone", "paused")
TITLES = {
    Mode.INCREMENTAL: ("Incremental pass", "What changed since the last pass."),
    Mode.FULL: ("Full pass", "Every task, compared with the record. Only this one finds what was deleted."),
}


@dataclass(slots=True)
class Part:
    """One kind of pass in the form: what is set, what stands in the fields, and what is wrong with them, by field."""

    mode: Mode
    schedule: Schedule | None
    values: Mapping[str, str]
    problems: dict[str, FieldProblem] = field(default_factory=dict)
    choices: tuple[tuple[str, str], ...] = CHOICES

    @property
    def title(self) -> str:
        """What it is called."""
        return TITLES[self.mode][0]

    @property
    def about(self) -> str:
        """What it does."""
        return TITLES[self.mode][1]

    @property
    def words(self) -> str:
        """The rule that holds."""
        return words(self.schedule) if self.schedule else ""


def parts(project: Project) -> list[Part] | None:
    """The form as the project's schedules are; None for a project that is not read over an API."""
    if project.source.kind not in PLATFORMS:
        return None
    now = _now(project)
    return [Part(mode, now.get(mode), _values(now.get(mode))) for mode in MODES]


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """The schedules of a project; POST sets both at once."""
    if wrong := check_keys(request.GET, ["saved"]):
        raise WrongRequest(*wrong)
    project = access.project(request.user, pk)
    found = parts(project)
    status = 200
    if request.method == "POST" and found is not None:
        access.require(request.user, project, Role.MANAGER)
        found = _asked(project, request.POST)
        rules = {part.mode: rule for part in found if (rule := _rule(part)) is not None}
        if not any(part.problems for part in found):
            with transaction.atomic():
                before = told(project)
                replace_schedules(project, rules)
                if (after := told(project)) != before:
                    servicelog.note(request.user, "schedule.changed", after, project=project)
            return HttpResponseRedirect(reverse("schedule", args=[pk]) + "?saved=1")
        status = 400
    context = {
        "project": project,
        "schedules": found,
        "saved": "saved" in request.GET,
        "problems": [problem for part in found or () for problem in part.problems.values()],
    }
    return render(request, "audit/schedule_page.html", context, status=status)


def _asked(project: Project, form: QueryDict) -> list[Part]:
    now = _now(project)
    return [
        Part(mode, now.get(mode), {name: form.get(f"{mode.value}-{name}", "").strip() for name in FIELDS})
        for mode in MODES
    ]


def _rule(part: Part) -> tuple[Rule, bool] | None:
    """The rule that the fields ask for, and whether it is paused; its problems are put down in the part."""
    values = part.values
    when = values["when"] or NEVER
    try:
        if when == NEVER:
            return None
        if when == MINUTES:
            rule = Rule(minutes=_number(values["minutes"]))
        elif when == DAILY:
            rule = daily(values["at"], values["zone"])
        elif when in DAYS:
            rule = weekly(when, values["at"], values["zone"])
        else:
            part.problems["when"] = unknown("when", when, "The choice", [value for value, _ in CHOICES])
            return None
    except BadSchedule as problem:
        text = str(problem)
        part.problems[problem.field] = FieldProblem(problem.field, "invalid", f"{text[:1].upper()}{text[1:]}.")
        return None
    return rule, values["paused"] == "on"


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadSchedule("minutes", f'"{text[:60]}" is no number of minutes')
    return int(text)


def _now(project: Project) -> dict[str, Schedule]:
    return {one.mode: one for one in Schedule.objects.filter(project=project)}


def _values(schedule: Schedule | None) -> dict[str, str]:
    """What stands in the fields of a schedule; of none, what one may want."""
    if schedule is None:
        return {"when": NEVER, "minutes": "15", "at": "02:00", "zone": "UTC", "paused": ""}
    when = MINUTES if schedule.minutes else DAILY if schedule.weekday is None else DAYS[schedule.weekday]
    return {
        "when": when,
        "minutes": str(schedule.minutes or 15),
        "at": f"{schedule.at:%H:%M}" if schedule.at else "02:00",
        "zone": schedule.zone or "UTC",
        "paused": "" if schedule.next_at else "on",
    }
