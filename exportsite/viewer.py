"""The API's description, and a viewer for it that comes from here (no CDN)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from exportsite.security import POLICY


class SchemaView(SpectacularAPIView):
    """The OpenAPI description."""


class ViewerView(SpectacularSwaggerSplitView):
    """Swagger UI. Its page has a style element of its own, so this one address admits inline styles."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The viewer's page, or its start script."""
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        response["Content-Security-Policy"] = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
        return response

    def handle_exception(self, exc: Exception) -> Any:
        """A page: who is not known is asked to sign in."""
        if isinstance(exc, NotAuthenticated):
            return redirect_to_login(self.request.get_full_path())
        return super().handle_exception(exc)
