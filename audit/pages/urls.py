"""Addresses of the record's pages."""

from __future__ import annotations

from django.urls import path

from audit.admin import site
from audit.pages import (
    account,
    apitokens,
    entry,
    hooks,
    integrity,
    lists,
    load,
    media,
    projects,
    schedule,
    sync,
    trail,
    verification,
    views,
)

urlpatterns = [
    path("", projects.dashboard, name="dashboard"),
    path("sign-in/", account.signing_in, name="sign-in"),
    path("sign-out/", account.signing_out, name="sign-out"),
    path("welcome/", account.welcome, name="welcome"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/visits/", account.visits, name="visits"),
    path("account/tokens/", apitokens.new, name="token-new"),
    path("account/tokens/<int:pk>/revoke/", apitokens.revoking, name="token-revoke"),
    path("admin/", site.urls),
    path("projects/load/", load.load, name="load"),
    path("projects/<int:pk>/", projects.project, name="project"),
    path("projects/<int:pk>/tasks/", lists.tasks, name="tasks"),
    path("projects/<int:pk>/events/", lists.events, name="events"),
    path("projects/<int:pk>/events/<int:index>/", entry.entry, name="entry"),
    path("projects/<int:pk>/events/<int:index>/proof", entry.proof, name="proof"),
    path("projects/<int:pk>/events/<int:index>/<str:group>", entry.disclosed, name="disclosed"),
    path("projects/<int:pk>/<str:of>/views/", views.views, name="views"),
    path("projects/<int:pk>/integrity/", integrity.integrity, name="integrity"),
    path("projects/<int:pk>/schedule/", schedule.schedule, name="schedule"),
    path("projects/<int:pk>/media/", media.media, name="media"),
    path("projects/<int:pk>/verifications/", verification.begin, name="verify"),
    path("projects/<int:pk>/verifications/<int:run>/", verification.one, name="verification"),
    path("projects/<int:pk>/verifications/<int:run>/progress/", verification.progress, name="verification-progress"),
    path("projects/<int:pk>/verifications/<int:run>/cancel/", verification.cancel, name="verification-cancel"),
    path("projects/<int:pk>/sync/", sync.project, name="project-sync"),
    path("sync/", sync.sources, name="sync"),
    path("sync/runs/", sync.listed, name="sync-runs"),
    path("sync/runs/<int:pk>/", sync.one, name="sync-run"),
    path("sync/runs/<int:pk>/progress/", sync.progress, name="sync-run-progress"),
    path("sync/runs/<int:pk>/cancel/", sync.cancel, name="sync-run-cancel"),
    path("hooks/<int:pk>/<str:key>/", hooks.hook, name="hook"),
    path("tasks/<int:pk>/", trail.trail, name="trail"),
]
