"""Django's own administration, for operators: users, their roles, tokens, sources. Nothing of the record itself.

What is changed here is noted in the service's log beside Django's own list of changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from audit import access, apitokens, servicelog
from audit.models import ApiToken, Membership, Role, Source

if TYPE_CHECKING:  # Only there is it generic.
    _ModelAdmin = admin.ModelAdmin[Any]
    _UserAdmin = UserAdmin[User]
else:
    _ModelAdmin = admin.ModelAdmin
    _UserAdmin = UserAdmin


class Site(admin.AdminSite):
    """Opens for operators of the whole service only; there is one page to sign in, with its throttle."""

    site_header = site_title = "Labeltrail"
    index_title = "Users, roles, tokens, sources"
    site_url = "/"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether an operator of the whole service asks; who signed in and is none is told so."""
        if request.user.is_authenticated:
            access.require_operator(request.user)
        return access.operates(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the page to sign in."""
        return redirect(f"{reverse('sign-in')}?{urlencode({'next': request.GET.get('next', reverse('admin:index'))})}")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """Where one changes one's password."""
        return redirect("password")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """Where signing out is: on the page of one's account."""
        return redirect("account")


site = Site(name="admin")


class ForOperators(_ModelAdmin):
    """Every operator may do what the page offers: Django's permissions for each table are not used."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The site has asked already."""
        return True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As above."""
        return True

    def has_add_permission(self, request: HttpRequest) -> bool:
        """As above."""
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As above."""
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What others refer to stays."""
        return False


class Users(ForOperators, _UserAdmin):
    """Users. They are switched off, never deleted: the log names them."""

    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights in all projects", {"fields": ("is_active", "is_superuser", "groups")}),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    list_display = ("username", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")
    filter_horizontal = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only a superuser makes superusers."""
        more = (
            () if access.operates(request.user) and getattr(request.user, "is_superuser", False) else ("is_superuser",)
        )
        return (*self.readonly_fields, *more)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody gets at a superuser's password who is none."""
        return obj is None or not obj.is_superuser or bool(getattr(request.user, "is_superuser", False))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The groups that are called like roles; others mean nothing here."""
        for role in Role:
            Group.objects.get_or_create(name=role.value)
        found = super().formfield_for_manytomany(db_field, request, **kwargs)
        if found is not None:
            found.queryset = Group.objects.filter(name__in=Role.values).order_by("name")
            found.label, found.help_text = "Roles in all projects", "The highest of them holds."
        return found

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Note the new user."""
        assert isinstance(obj, User)
        servicelog.note(request.user, "user.created", of=obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Note what was changed, and which roles in all projects the user has now."""
        assert isinstance(obj, User)
        roles = ", ".join(obj.groups.filter(name__in=Role.values).values_list("name", flat=True)) or "none"
        state = f"{'on' if obj.is_active else 'off'}{', superuser' if obj.is_superuser else ''}"
        about = f"{_fields(message)}; now {state}, roles in all projects: {roles}"
        servicelog.note(request.user, "user.changed", about, of=obj)
        return super().log_change(request, obj, message)


class Memberships(ForOperators):
    """Roles in single projects."""

    list_display = ("user", "project", "role", "given_by", "created_at")
    list_filter = ("role",)
    search_fields = ("user__username", "project__name")
    list_select_related = ("user", "project")
    fields = ("user", "project", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Whose role where it is does not change."""
        return ("user", "project") if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A role can be taken away."""
        return True

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Say who gave it."""
        obj.given_by = access.name_of(request.user)
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Note the role."""
        self._note(request, "user.role_given", obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Note the role."""
        self._note(request, "user.role_given", obj)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Note that the role is gone."""
        for held in queryset:
            self._note(request, "user.role_taken", held)
        return super().log_deletions(request, queryset)

    def _note(self, request: HttpRequest, type_: str, held: Model) -> None:
        assert isinstance(held, Membership)
        about = f"{held.role} in project {held.project_id}"
        servicelog.note(request.user, type_, about, project=held.project, of=held.user)


class Tokens(ForOperators):
    """Tokens of everybody, to be looked at and revoked. Only who uses one may make it, since it is shown once."""

    list_display = ("name", "prefix", "user", "scopes", "limited", "ends_at", "revoked_at", "used_at")
    list_filter = ("limited", "revoked_at")
    search_fields = ("name", "prefix", "user__username")
    list_select_related = ("user",)
    exclude = ("digest",)
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not here: on the page of one's account, or by command."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Another token is a new one. Without an object: the list's action is offered."""
        return obj is None

    @admin.action(description="Revoke the chosen tokens")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """Revoke them, and say how many of them still were good."""
        count = sum(apitokens.revoke(token, request.user) for token in queryset.select_related("user"))
        self.message_user(request, f"{count} revoked.")


class Sources(ForOperators):
    """Where projects come from. Address and key are set by the command `connect`, which tries them."""

    list_display = ("name", "kind", "base_url", "account", "created_at")
    fields = ("name", "kind", "base_url", "account", "zone", "ca_file", "created_at")
    readonly_fields = ("kind", "base_url", "account", "zone", "ca_file", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Not here."""
        return False


def _fields(message: Any) -> str:
    """The changed fields in Django's own message of a change."""
    parts = message if isinstance(message, list) else []
    found = [name for part in parts for name in part.get("changed", {}).get("fields", [])]
    return ", ".join(found).lower() or "saved"


site.register(User, Users)
site.register(Membership, Memberships)
site.register(ApiToken, Tokens)
site.register(Source, Sources)
