"""The page on which an export or an event log is sent, for a worker to load."""

from __future__ import annotations

import tempfile
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from audit import access, servicelog
from audit.models import Project, Role, SyncRun
from audit.sources import from_files
from audit.sources.exported.kinds import KINDS
from audit.sources.files import BadOption
from audit.sync import LoadRefused
from audit.uploads import EVENT_LOGS, incoming, request_load
from exportsite.problems import FieldProblem, WrongRequest, check_keys, unknown
from exportsite.sent import new_token, once, see

LOGS = {
    "xes": "an event log in XES",
    "csv": "an event log in CSV",
    "ndjson": "an event log in NDJSON",
    "redbrick": "what redbrick report writes",
}
_HEADERS = 1 << 20
"""Bytes of a form besides its file."""


@csrf_exempt  # The token is in the body, which is not read before its size is known; `_sent` checks it.
@require_http_methods(["GET", "HEAD", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """The form; POST keeps the file and queues its load."""
    if wrong := check_keys(request.GET, ["project"]):
        raise WrongRequest(*wrong)
    if request.method != "POST":
        return _form(request, {"project": request.GET.get("project", "")})
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > (settings.UPLOAD_MIB << 20) + _HEADERS:
        text = (
            f"The file has more than the {settings.UPLOAD_MIB:,} MiB that may be sent here. Load it with the command, "
            "or have LABELTRAIL_UPLOAD_MIB raised."
        )
        response = _form(request, {}, [FieldProblem("file", "too_large", text)], status=413)
        response.headers["Connection"] = "close"  # What else comes is not read.
        return response
    request.upload_handlers = [_ToDisk(request)]
    return _sent(request)


class _ToDisk(FileUploadHandler):
    """Writes what comes into a file of this installation's own folder, that goes when it is closed."""

    _file: IO[bytes]

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._file = tempfile.TemporaryFile(dir=incoming())  # noqa: SIM115 - closed with the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        self._file.seek(0)
        return UploadedFile(self._file, self.file_name, self.content_type, file_size)

    def upload_interrupted(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()


@csrf_protect
def _sent(request: HttpRequest) -> HttpResponse:
    values = {name: request.POST.get(name, "").strip() for name in ("project", "kind", "zone")}
    of = _into(request, values["project"])
    file = request.FILES.get("file")
    problems = []
    if values["kind"] and values["kind"] not in (*KINDS, *EVENT_LOGS):
        problems.append(unknown("kind", values["kind"], "The kind", [*KINDS, *EVENT_LOGS]))
    if file is None or not file.size:
        problems.append(FieldProblem("file", "required", "Choose a file; an empty one has nothing to load."))
    if of is not None and not from_files(of.source.kind):
        text = "This project is read from its platform. Load the file into a project of its own, under another name."
        problems.append(FieldProblem("project", "refused", text))
    if problems or file is None:
        return _form(request, values, problems, status=400)
    try:
        run = once(request, SyncRun, lambda: _ask(request, file, values, of))
    except (LoadRefused, BadOption) as refusal:
        field = "project" if isinstance(refusal, LoadRefused) else "zone"
        return _form(request, values, [FieldProblem(field, "refused", str(refusal))], status=400)
    return see(reverse("sync-run", args=[run.pk]))


def _into(request: HttpRequest, name: str) -> Project | None:
    """The project of this name, which the user manages; None for a new one, which operators make.

    Raises PermissionDenied; WrongRequest for a name that says nothing to the user: it is not said whether there is one.
    """
    found = access.projects(request.user).filter(name=name).select_related("source").first() if name else None
    if found is not None:
        access.require(request.user, found, Role.MANAGER)
        return found
    if not access.operates(request.user):
        text = "There is no project of this name that you manage. Operators make new ones."
        raise WrongRequest(FieldProblem("project", "unknown", text))
    return None


def _ask(request: HttpRequest, file: UploadedFile[bytes], values: dict[str, str], of: Project | None) -> SyncRun:
    run = request_load(
        values["project"],
        file.name or "",
        lambda into: [into.write(chunk) for chunk in file.chunks()],
        kind=values["kind"],
        zone=values["zone"],
        created_by=access.name_of(request.user),
    )
    servicelog.note(request.user, "sync.requested", f"load {run.pk}", project=of)
    return run


def _form(
    request: HttpRequest, values: dict[str, str], problems: list[FieldProblem] | None = None, status: int = 200
) -> HttpResponse:
    projects = access.projects(request.user).filter(source__kind__endswith="file").order_by("name")
    everywhere = access.everywhere(request.user)
    if everywhere is None or not everywhere.covers(Role.MANAGER):
        theirs = [role.value for role in Role if role.covers(Role.MANAGER)]
        projects = projects.filter(memberships__user_id=cast(int, request.user.pk), memberships__role__in=theirs)
    context: dict[str, Any] = {
        "place": "sync",
        "values": values,
        "problems": problems or [],
        "wrong": {problem.field: problem for problem in problems or ()},
        "projects": list(projects.values_list("name", flat=True)[:500]),
        "operates": access.operates(request.user),
        "kinds": [*((kind.slug, kind.title) for kind in KINDS.values()), *LOGS.items()],
        "most": settings.UPLOAD_MIB,
        "once": new_token(),
    }
    return render(request, "audit/load.html", context, status=status)
