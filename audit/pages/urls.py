"""Addresses of the record's pages."""

from __future__ import annotations

from django.urls import path

from audit.pages import entry, integrity, lists, projects, schedule, trail

urlpatterns = [
    path("", projects.dashboard, name="dashboard"),
    path("projects/<int:pk>/", projects.project, name="project"),
    path("projects/<int:pk>/tasks/", lists.tasks, name="tasks"),
    path("projects/<int:pk>/events/", lists.events, name="events"),
    path("projects/<int:pk>/events/<int:index>/", entry.entry, name="entry"),
    path("projects/<int:pk>/events/<int:index>/<str:group>", entry.disclosed, name="disclosed"),
    path("projects/<int:pk>/integrity/", integrity.integrity, name="integrity"),
    path("projects/<int:pk>/schedule/", schedule.schedule, name="schedule"),
    path("tasks/<int:pk>/", trail.trail, name="trail"),
]
