"""Diffgram's database on the tests' PostgreSQL: its tables as the server's models describe them, and an invented story.

The tests' server listens on a socket; a forwarder makes it an address on this machine, and can break connections.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
from collections.abc import Mapping
from typing import Any, Self

import psycopg
from psycopg import sql

PROJECT = "fixtures-project"
Json = dict[str, Any]

SCHEMA = """
CREATE TABLE project (id serial PRIMARY KEY, name text, project_string_id text, readme text, goal text,
  is_public boolean, deletion_pending boolean, label_dict text, cache_dict text, time_created timestamp);
CREATE TABLE userbase (id int PRIMARY KEY, email text, first_name text, last_name text, username text);
CREATE TABLE member (id int PRIMARY KEY, kind text, user_id int REFERENCES userbase);
CREATE TABLE label (id int PRIMARY KEY, name text);
CREATE TABLE working_dir (id int PRIMARY KEY, project_id int, nickname text, created_time timestamp);
CREATE TABLE image (id int PRIMARY KEY, width int, height int, url_signed text);
CREATE TABLE video (id int PRIMARY KEY, width int, height int, frame_rate int, frame_count int);
CREATE TABLE file (id bigint PRIMARY KEY, project_id int, type text, state text, original_filename text, colour text,
  label_id int, image_id int, video_id int, created_time timestamp);
CREATE TABLE attribute_template_group (id int PRIMARY KEY, project_id int, kind text, name text, prompt text,
  is_global boolean);
CREATE TABLE attribute_template (id int PRIMARY KEY, group_id int, name text, parent_id int);
CREATE TABLE attribute_template_group_to_file (attribute_template_group_id int, file_id bigint);
CREATE TABLE job (id int PRIMARY KEY, project_id int, name text, status text, type text, stat_count_tasks int,
  label_dict text, time_created timestamp, time_updated timestamp);
CREATE TABLE task (id bigint PRIMARY KEY, project_id int, job_id int, task_type text, status text, file_id bigint,
  assignee_user_id int, label_dict text, time_created timestamp, time_completed timestamp, time_updated timestamp);
CREATE TABLE discussion_comment (id int PRIMARY KEY, content text);
CREATE TABLE task_event (id bigserial PRIMARY KEY, job_id int, project_id int, task_id int, event_type text,
  comment_id int, time_created timestamp, time_updated timestamp, user_reviewer_id int, user_assignee_id int,
  member_created_id int, member_updated_id int);
CREATE TABLE event (id bigserial PRIMARY KEY, kind text, description text, project_id int, task_id int, job_id int,
  member_id int, file_id bigint, run_time float, extra_metadata text, time_created timestamp);
CREATE TABLE task_time_tracking (id bigserial PRIMARY KEY, job_id int, project_id int, task_id int, file_id bigint,
  parent_file_id bigint, status text, user_id int, time_spent float, time_created timestamp, time_updated timestamp);
CREATE TABLE instance (id bigserial PRIMARY KEY, previous_id bigint, next_id bigint, root_id bigint, version int,
  created_time timestamp, last_updated_time timestamp, deleted_time timestamp, deletion_type text, action_type text,
  change_source text, project_id int, task_id int, type text, hash text, soft_delete boolean, label_file_id int,
  parent_file_id bigint, file_id bigint, frame_number int, sequence_id int, interpolated boolean, points text,
  x_min int, y_min int, x_max int, y_max int, attribute_groups text, member_created_id int, mask_url text,
  mask_url_expiry int, mask_blob_dir text);
"""
TABLES = (
    *("project", "userbase", "member", "label", "working_dir", "image", "video", "file", "attribute_template_group"),
    *("attribute_template", "attribute_template_group_to_file", "job", "task", "discussion_comment", "task_event"),
    *("event", "task_time_tracking", "instance"),
)


class DiffgramDatabase:
    """A database of its own on the server that `server` (Django's settings of a database) names."""

    def __init__(self, server: Mapping[str, Any]) -> None:
        self._server = server
        self.name = f"diffgram_{secrets.token_hex(6)}"
        self.user, self.password = f"reader_{secrets.token_hex(6)}", secrets.token_hex(12)
        self.forwarder = Forwarder(str(server["HOST"] or "/tmp"), int(server["PORT"] or 5432))

    @property
    def url(self) -> str:
        """What a source is connected to."""
        return f"postgresql://127.0.0.1:{self.forwarder.port}/{self.name}"

    @property
    def key(self) -> str:
        """Its key."""
        return f"{self.user}:{self.password}"

    def __enter__(self) -> Self:
        with self._admin("postgres") as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.name)))
            made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
            admin.execute(made.format(sql.Identifier(self.user), sql.Literal(self.password)))
        with self._admin(self.name) as admin:
            admin.execute(SCHEMA)
            admin.execute(
                sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(sql.Identifier(self.user))
            )
        self.forwarder.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.forwarder.stop()
        with self._admin("postgres") as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(self.name)))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(self.user)))

    def empty(self) -> None:
        """Take all rows away."""
        with self._admin(self.name) as admin:
            tables = sql.SQL(", ").join(map(sql.Identifier, TABLES))
            admin.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(tables))

    def run(self, statement: str, *values: object) -> None:
        """Change something, as Diffgram does."""
        with self._admin(self.name) as admin:
            admin.execute(statement, values)  # type: ignore[call-overload]

    def add(self, table: str, *rows: Json) -> None:
        """Rows with the columns that they name; objects become JSON in text."""
        with self._admin(self.name) as admin:
            for row in rows:
                columns = sql.SQL(", ").join(map(sql.Identifier, row))
                values = [json.dumps(value) if isinstance(value, dict | list) else value for value in row.values()]
                places = sql.SQL(", ").join([sql.Placeholder()] * len(row))
                insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})")
                admin.execute(insert.format(sql.Identifier(table), columns, places), values)

    def _admin(self, name: str) -> psycopg.Connection[Any]:
        server = self._server
        return psycopg.connect(
            host=server["HOST"] or None,
            port=server["PORT"] or None,
            user=server["USER"],
            password=server["PASSWORD"],
            dbname=name,
            autocommit=True,
        )


class Forwarder:
    """Passes connections on from a port of this machine; `limit` bytes of answers, then it breaks them."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self.limit: int | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def start(self) -> None:
        """Accept connections from now on."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Accept none any more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._host.startswith("/"):
                server = socket.socket(socket.AF_UNIX)
                server.connect(f"{self._host}/.s.PGSQL.{self._port}")
            else:
                server = socket.create_connection((self._host, self._port))
            threading.Thread(target=self._pass, args=(client, server, None), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, self.limit), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, left: int | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if left is not None:
                    left -= len(data)
                    if left < 0:
                        break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def box(id_: int, file: int, x: int, at: str, **more: Any) -> Json:
    """A version of a box."""
    corners = {"x_min": x, "y_min": 5, "x_max": x + 10, "y_max": 15}
    known = {"id": id_, "root_id": id_, "version": 0, "type": "box", "label_file_id": 501, "member_created_id": 7}
    return {**known, "project_id": 3, "file_id": file, "soft_delete": False, "created_time": at, **corners, **more}


def tell(database: DiffgramDatabase) -> None:
    """Fill the tables with the story."""
    add = database.add
    add(
        "project",
        {"id": 3, "name": "Fixtures", "project_string_id": PROJECT, "readme": "Roads", "cache_dict": {"a": 1}},
    )
    add("project", {"id": 4, "name": "Other", "project_string_id": "other", "deletion_pending": True})
    add(
        "userbase", {"id": 5, "email": "ann@example.org", "first_name": "Ann", "last_name": "Lee", "username": "annlee"}
    )
    add("userbase", {"id": 6, "email": "ben@example.org", "first_name": "Ben", "last_name": "Ode"})
    add("member", {"id": 7, "kind": "human", "user_id": 5}, {"id": 8, "kind": "human", "user_id": 6})
    add("member", {"id": 9, "kind": "api", "user_id": None})
    add("label", {"id": 71, "name": "Car"}, {"id": 72, "name": "Lane"})
    add("file", {"id": 501, "project_id": 3, "type": "label", "label_id": 71, "colour": {"hex": "#194d33"}})
    add("file", {"id": 502, "project_id": 3, "type": "label", "label_id": 72, "state": "removed"})
    add(
        "attribute_template_group",
        {"id": 17, "project_id": 3, "kind": "select", "name": "occlusion", "prompt": "Hidden?"},
    )
    add("attribute_template", {"id": 88, "group_id": 17, "name": "Occluded"})
    add("attribute_template_group_to_file", {"attribute_template_group_id": 17, "file_id": 501})
    add("working_dir", {"id": 41, "project_id": 3, "nickname": "Default"})
    add("job", {"id": 12, "project_id": 3, "name": "Pilot 🐕", "status": "active", "stat_count_tasks": 3})
    add("image", {"id": 31, "width": 100, "height": 50, "url_signed": "https://s.example.com/x?X-Amz-Signature=abc"})
    add("video", {"id": 32, "width": 640, "height": 480, "frame_rate": 10, "frame_count": 100})
    for id_, type_, more in ((601, "image", {"image_id": 31}), (602, "video", {"video_id": 32}), (603, "image", {})):
        name = f"file{id_}"
        add("file", {"id": id_, "project_id": 3, "type": type_, "original_filename": name, **more})
    add("file", {"id": 612, "project_id": 3, "type": "frame", "original_filename": "frame"})
    for id_, file, status in ((50, 601, "complete"), (51, 602, "in_progress"), (52, 603, "available")):
        times = {"time_created": f"2026-03-03 08:{id_}:00.5", "time_updated": f"2026-03-03 09:{id_}:00"}
        add(
            "task",
            {"id": id_, "project_id": 3, "job_id": 12, "task_type": "draw", "file_id": file, "status": status, **times},
        )
    database.run("UPDATE task SET assignee_user_id = 5 WHERE id = 50")
    kinds = ("created", "in_progress", "completed", "review_start", "request_changes", "completed", "review_complete")
    add("discussion_comment", {"id": 1, "content": "Please look at the\nleft side 🐕"})
    for n, kind in enumerate((*kinds, "comment_created")):
        at = f"2026-03-03 09:0{n}:00.123456"
        common = {"project_id": 3, "job_id": 12, "task_id": 50, "member_created_id": 8 if "re" in kind else 7}
        comment = 1 if kind == "comment_created" else None
        add("task_event", {**common, "event_type": f"task_{kind}", "comment_id": comment, "time_created": at})
        add("event", {"project_id": 3, "task_id": 50, "kind": f"task_{kind}", "member_id": 7, "time_created": at})
    add("event", {"project_id": 3, "kind": "new_project", "member_id": 8, "time_created": "2026-02-28 10:00:00"})
    add("event", {"project_id": 3, "kind": "export_generation", "member_id": 9, "time_created": "2026-03-04 10:00:00"})
    add("event", {"project_id": 3, "task_id": 51, "kind": "annotation_update", "time_created": "2026-03-03 10:00:00"})
    first = box(9001, 601, 10, "2026-03-03 09:00:30", attribute_groups={"17": {"id": 88}})
    replaced = {"soft_delete": True, "deletion_type": "system", "deleted_time": "2026-03-03 09:01:00", "next_id": 9002}
    add("instance", {**first, **replaced})
    add(
        "instance",
        box(9002, 601, 12, "2026-03-03 09:01:00", root_id=9001, previous_id=9001, version=1, action_type="edited"),
    )
    removed = {"soft_delete": True, "deletion_type": "user", "deleted_time": "2026-03-03 09:02:00"}
    add("instance", {**box(9003, 601, 30, "2026-03-03 09:01:30"), **removed})
    frame = {"parent_file_id": 602, "frame_number": 4, "sequence_id": 61, "member_created_id": 9}
    add("instance", box(9004, 612, 1, "2026-03-03 10:00:00", **frame))
    for status, seconds in ((None, 182.0), ("in_progress", 150.0), ("requires_changes", 32.0)):
        common = {"project_id": 3, "job_id": 12, "task_id": 50, "file_id": 601, "user_id": 5}
        times = {"time_created": "2026-03-03 09:01:00", "time_updated": "2026-03-03 09:04:02"}
        add("task_time_tracking", {**common, "status": status, "time_spent": seconds, **times})
    add("task_time_tracking", {"project_id": 3, "task_id": 51, "file_id": 602, "user_id": 99, "time_spent": 7.25})
