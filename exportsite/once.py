"""Idempotency-Key: a POST that is sent twice makes one resource (contracts section 6)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar, cast

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from exportsite.models import IdempotencyKey
from exportsite.problems import FieldProblem, WrongRequest

KEPT = timedelta(hours=24)
LONGEST = 255
M = TypeVar("M", bound=Model)

KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Sent again within 24 hours with the same body, it makes no second run.",
)


class KeyReused(APIException):
    """The key came before, with another request."""

    status_code = 422
    default_detail = (
        "This Idempotency-Key came with another body in the last 24 hours. Send another key for another request."
    )


@transaction.atomic
def once(request: Request, model: type[M], create: Callable[[], M]) -> M:
    """What `create` makes, or what it made when the same request came with this key before."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return create()
    if not key or len(key) > LONGEST or not key.isprintable():
        text = f"Idempotency-Key is a text of 1 to {LONGEST} characters, such as a UUID."
        raise WrongRequest(FieldProblem("Idempotency-Key", "invalid", text))
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    body = sha256(json.dumps(request.data, sort_keys=True).encode()).hexdigest()
    # Of two at the same time, the second waits here for the first one's transaction.
    held, new = IdempotencyKey.objects.get_or_create(
        user_id=cast(int, request.user.pk), path=request.path, key=key, defaults={"body_sha256": body}
    )
    if not new:
        if held.body_sha256 != body:
            raise KeyReused
        return model._default_manager.get(pk=held.resource)
    made = create()
    IdempotencyKey.objects.filter(pk=held.pk).update(resource=str(made.pk))
    return made
