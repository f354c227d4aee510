"""Addresses of the record's API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from audit.api import labels, log, media, schedule, sdk, sync, views
from audit.api import schemes as schemes  # tells the description how one may ask

urlpatterns = [
    path("projects/", views.Projects.as_view(), name="api-projects"),
    path("projects/<int:pk>/", views.Project.as_view(), name="api-project"),
    path("projects/<int:pk>/tasks/", views.Tasks.as_view(), name="api-tasks"),
    path("projects/<int:pk>/events/", views.Events.as_view(), name="api-events"),
    path("projects/<int:pk>/active-time/", views.ActiveTimes.as_view(), name="api-active-time"),
    path("projects/<int:pk>/labels/", labels.Labels.as_view(), name="api-labels"),
    path("projects/<int:pk>/task-events/", sdk.TaskEvents.as_view(), name="api-task-events"),
    path("projects/<int:pk>/log/key", log.VerifierKey.as_view(), name="api-log-key"),
    path("projects/<int:pk>/log/checkpoint", log.LatestCheckpoint.as_view(), name="api-checkpoint"),
    path("projects/<int:pk>/log/entries", log.Entries.as_view(), name="api-entries"),
    path("projects/<int:pk>/log/proof/inclusion", log.Inclusion.as_view(), name="api-inclusion"),
    path("projects/<int:pk>/log/proof/consistency", log.Consistency.as_view(), name="api-consistency"),
    path("projects/<int:pk>/log/tile/<path:path>", log.Tile.as_view(), name="api-tile"),
    path("projects/<int:pk>/schedule/", schedule.Schedules.as_view(), name="api-schedule"),
    path("projects/<int:pk>/media/", media.MediaPolicy.as_view(), name="api-media"),
    path("tasks/<int:pk>/", views.Task.as_view(), name="api-task"),
    path("tasks/<int:pk>/events/", views.Trail.as_view(), name="api-trail"),
    path("tasks/<int:pk>/active-time/", views.TaskActiveTimes.as_view(), name="api-task-active-time"),
    path("tasks/<int:pk>/labels/", labels.TaskLabels.as_view(), name="api-task-labels"),
    path("sources/", sync.Sources.as_view(), name="api-sources"),
    path("sync-runs/", sync.SyncRuns.as_view(), name="api-sync-runs"),
    path("sync-runs/<int:pk>/", sync.SyncRun.as_view(), name="api-sync-run"),
    path("sync-runs/<int:pk>/cancel/", sync.SyncRunCancel.as_view(), name="api-sync-run-cancel"),
]
