"""Who asks over the API: somebody who signed in, or a program with a token (docs/contracts.md section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from audit import access, apitokens
from audit.models import ApiToken, Scope

if TYPE_CHECKING:  # Which imports this module.
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer lt_…` (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        """The token's user, limited to what the token is good for; None when the request names no token."""
        header = request.headers.get("Authorization", "").strip()
        if not header:
            return None
        kind, _, secret = header.partition(" ")
        if kind.lower() != "bearer":
            raise AuthenticationFailed("Authorization is “Bearer” and a token; tokens are made on the page “Account”.")
        token = apitokens.find(secret.strip())
        if token is None:
            raise AuthenticationFailed("This token is not known, has ended or was revoked. Make another.")
        return access.come_with(token.user, token), token

    def authenticate_header(self, request: Request) -> str:
        """The challenge that comes with a 401."""
        challenge = 'Bearer realm="Labeltrail"'
        return f'{challenge}, error="invalid_token"' if request.headers.get("Authorization") else challenge


class SignedIn(SessionAuthentication):
    """The session of somebody who signed in; what changes something needs the token of the page's form as well."""


class Allowed(BasePermission):
    """Only who is known; with a token, only in its scopes. Views whose `scope` it has may also be read with it."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """NotAuthenticated (401) when nobody is known, PermissionDenied when the token does not reach so far."""
        if not (request.user and request.user.is_authenticated):
            raise NotAuthenticated("Send a token, “Authorization: Bearer lt_…”; they are made on the page “Account”.")
        token = access.token_of(request.user)
        if token is None or request.method not in view.allowed_methods:
            return True  # A method that the address does not have is 405 for everybody.
        needed = getattr(view, "scope", Scope.READ)
        enough = {Scope.READ, needed} if request.method in SAFE_METHODS else {needed} - {Scope.READ}
        if not enough & set(token.scopes):
            wanted = Scope.READ if request.method in SAFE_METHODS else needed
            raise PermissionDenied(f"The token lacks the scope “{wanted.value}”.")
        return True
