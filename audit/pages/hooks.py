"""Where platforms send their messages. No page: the answer is for programs."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from audit.live.hooks import LARGEST, NoHook, take
from audit.models import Project
from audit.sources.hook import BadHook


@csrf_exempt
@login_not_required
@require_POST
def hook(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """A message of the project's platform. Who does not know the address learns nothing, not even which there are."""
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return JsonResponse({"detail": f"a message has at most {LARGEST:,} bytes"}, status=413)
    project = Project.objects.select_related("source", "log").filter(pk=pk).first()
    try:
        if project is None:
            raise NoHook
        tasks = take(project, key, request.headers, body)
    except NoHook:
        return JsonResponse({"detail": "there is nothing here"}, status=404)
    except BadHook as problem:
        return JsonResponse({"detail": str(problem)}, status=400)
    return JsonResponse({"tasks": tasks}, status=202)
