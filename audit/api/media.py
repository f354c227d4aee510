"""What becomes of a project's media, over the API (docs/contracts.md section 6)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access, models
from audit.api.base import View, only, problems, query_of
from audit.live.policy import NoPolicy, set_media
from exportsite import bodies
from exportsite.problems import FieldProblem, WrongRequest, unknown


class ProjectMedia(serializers.Serializer[Any]):
    """What becomes of the files that people look at."""

    policy = serializers.ChoiceField(
        choices=models.Media.values,
        help_text="reference: only named; on_export: fetched when an export asks for them; keep: by every sync.",
    )


class MediaPolicy(View):
    """What becomes of a project's media."""

    shape, scope = ProjectMedia, models.Scope.SYNC

    @extend_schema(operation_id="media", responses={200: ProjectMedia, **problems(400, 404)})
    def get(self, request: Request, pk: int) -> Response:
        """The policy of the project's media."""
        return Response({"policy": _project(request, pk).media})

    @extend_schema(operation_id="set_media", request=ProjectMedia, responses={200: ProjectMedia, **problems(400, 404)})
    def put(self, request: Request, pk: int) -> Response:
        """Set the policy of the project's media. What is kept stays kept."""
        project = _project(request, pk)
        body = bodies.read(request, {"policy": str})
        if "policy" not in body:
            raise WrongRequest(FieldProblem("policy", "required", f"“policy” is missing: {_choices()}."))
        if body["policy"] not in models.Media.values:
            raise WrongRequest(unknown("policy", body["policy"], "“policy”", models.Media.values))
        try:
            set_media(request.user, project, models.Media(body["policy"]))
        except NoPolicy as error:
            raise WrongRequest(FieldProblem("policy", "inapplicable", f"{error}.")) from error
        return Response({"policy": project.media})


def _choices() -> str:
    return ", ".join(models.Media.values)


def _project(request: Request, pk: int) -> models.Project:
    only(query_of(request))
    found = access.project(request.user, pk)
    if request.method != "GET":
        access.require(request.user, found, models.Role.MANAGER, models.Scope.SYNC)
    return found
