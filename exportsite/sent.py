"""Forms of pages that begin something: sent twice, they begin it once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar, cast

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone

from exportsite.models import IdempotencyKey
from exportsite.once import KEPT
from exportsite.problems import FieldProblem, WrongRequest

ONCE = "once"
"""The form's hidden field: a token made with the page."""
M = TypeVar("M", bound=Model)


def new_token() -> str:
    """A token for a form that is about to be shown."""
    return str(uuid.uuid4())


def token_of(request: HttpRequest) -> str:
    """The token that the form came with. Raises WrongRequest when there is none."""
    try:
        return str(uuid.UUID(request.POST.get(ONCE, "")))
    except ValueError:
        text = "The form came without its token, which keeps it from being done twice. Open the page again."
        raise WrongRequest(FieldProblem(ONCE, "required", text)) from None


@transaction.atomic
def once(request: HttpRequest, model: type[M], create: Callable[[], M]) -> M:
    """What `create` makes, or what it made when the same form came before, with the same values.

    A form that was changed after it was sent, as with the browser's way back, is another one.
    """
    fields = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    body = sha256(repr(fields).encode()).hexdigest()
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    # Of two at the same time, the second waits here for the first one's transaction.
    held, new = IdempotencyKey.objects.get_or_create(
        user_id=cast(int, request.user.pk),
        path=request.path,
        key=f"form {token_of(request)} {body}",
        defaults={"body_sha256": body},
    )
    if not new:
        return model._default_manager.get(pk=held.resource)
    made = create()
    IdempotencyKey.objects.filter(pk=held.pk).update(resource=str(made.pk))
    return made


def see(address: str) -> HttpResponseRedirect:
    """303: what the form began is there, and is fetched with GET."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response
