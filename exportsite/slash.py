"""Addresses end in a slash; who leaves it out is sent to where it is, with what they sent."""

from __future__ import annotations

from django.http import HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware


class Moved(HttpResponsePermanentRedirect):
    """308 keeps the method and the body; after 301 most programs send GET (RFC 9110 section 15.4.9)."""

    status_code = 308


class Slash(CommonMiddleware):
    """Django's, with an answer that does not turn a POST into a GET."""

    response_redirect_class = Moved
