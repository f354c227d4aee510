"""What exports and reports look like over the API, and what asks for them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from audit.api.serializers import Person
from exports.models import Meaning
from exports.models.product import Product
from exportsite.jobs.block import Run


class File(serializers.Serializer[Any]):
    """A file of a run that succeeded."""

    name = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    url = serializers.CharField(help_text="Where it is; answers Range requests.")


class _Product(Run):
    """What exports and reports have in common."""

    id = serializers.UUIDField()
    project = serializers.IntegerField(source="project_id")
    as_of = serializers.IntegerField(help_text="Size of the log that it shows.")
    asked = serializers.DictField(help_text="As it was asked.")
    resolved = serializers.DictField(help_text="As it was understood.")
    files = serializers.SerializerMethodField()

    @extend_schema_field(File(many=True))
    def get_files(self, run: Product) -> list[dict[str, Any]]:
        """The files, once it has succeeded."""
        view = f"api-{run._meta.model_name}-file"
        return [
            {
                "name": file["name"],
                "bytes": file["bytes"],
                "sha256": file["sha256"],
                "url": reverse(view, args=[run.pk, file["name"]]),
            }
            for file in run.files
        ]


class Export(_Product):
    """An export."""

    format = serializers.CharField()
    name = serializers.CharField(help_text="What whoever asked for it calls it.")
    projects = serializers.ListField(
        child=serializers.IntegerField(), source="project_ids", help_text="All that it is of, the first one first."
    )
    counts = serializers.DictField(
        help_text="Check values: expected, written, and skipped by kind; of several projects together, and of each."
    )


class Signature(serializers.Serializer[Any]):
    """A signature under a report; the event of this index in the project's log is the record of it."""

    meaning = serializers.ChoiceField(choices=Meaning.values)
    says = serializers.CharField(help_text="The meaning as a sentence.")
    person = Person(help_text="Who signed; the name is gone after an erasure.")
    signed_at = serializers.DateTimeField()
    index = serializers.IntegerField()


class Report(_Product):
    """A report."""

    task = serializers.IntegerField(source="task_id", allow_null=True)
    pages = serializers.IntegerField(allow_null=True)
    signatures = Signature(many=True, source="signed", default=list, help_text="Who signed it, the first one first.")


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]})
class Sizes(serializers.JSONField):
    """One size of a log, or a list of them."""


class ExportRequest(serializers.Serializer[Any]):
    """What a new export shall be."""

    project = serializers.IntegerField(required=False, help_text="Our id. This or `projects` is needed.")
    projects = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        help_text="Ids of several, in this order: a folder each in one archive, or one file of all (`labelbox`).",
    )
    format = serializers.CharField()
    parameters = serializers.DictField(required=False, help_text="Of the format.")
    filters = serializers.DictField(
        required=False, help_text="Names to a text, or a list of texts; the same for each project."
    )
    as_of = Sizes(
        required=False, allow_null=True, help_text="Size of the log, or of each one; as they are now, if not given."
    )
    name = serializers.CharField(required=False, help_text="What to call it, also in its file's name.")
    strict = serializers.BooleanField(
        required=False, help_text="Fail on the first item that can't be written as it is, instead of noting it."
    )


class ReportRequest(serializers.Serializer[Any]):
    """What a new report shall be."""

    project = serializers.IntegerField(help_text="Our id.")
    task = serializers.IntegerField(required=False, allow_null=True, help_text="Our id; a dossier of this task.")
    as_of = serializers.IntegerField(required=False, allow_null=True, help_text="Size of the log; now, if not given.")
    redact = serializers.BooleanField(required=False, help_text="Withhold names, texts and payloads.")
    paper = serializers.ChoiceField(choices=("a4", "letter"), required=False)
    filters = serializers.DictField(
        required=False, help_text="Those of exports, names to a text or a list of texts: only what they let through."
    )


class SignRequest(serializers.Serializer[Any]):
    """A signature under a report."""

    meaning = serializers.ChoiceField(choices=Meaning.choices)
    password = serializers.CharField(help_text="Of the user who signs, given anew for each signature.")
