"""`conll`: named entities as CoNLL 2003 wrote them, a token a line, tags in IOB2; a file for each job.

https://www.clips.uantwerpen.be/conll2003/ner/. Four columns, of which we know the first and the last: part of speech
and chunk are -X- and _. Tokens are runs of letters, digits and underscores, and every other character that is no white
space. An empty line ends a sentence, which here is a line of the text. Readers know no comments: what a document is of
stands in documents.ndjson.
"""

from __future__ import annotations

import itertools
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from typing import ClassVar

import orjson

from audit.annotations import TextSpan
from exports.archive.build import Archive, Noting, Skipped
from exports.formats.base import LabelledTask, Progress, Snapshot, Value, Written
from exports.formats.labels.annotated import titled_ontology
from exports.formats.labels.filenames import Names
from exports.formats.labels.made import Kept, told, written
from exports.formats.labels.sheets import copied
from exports.formats.others.spans import Marked, SpansFormat, apart, entity_jobs, marked

DOCUMENT = "-DOCSTART- -X- O O"
"""Begins a document: in these very words, by which spaCy knows it."""
_TOKEN = re.compile(r"\w+|[^\w\s]")
_BLANK = re.compile(r"\s+")


class ConllFormat(SpansFormat):
    """Named entities, a token a line."""

    slug: ClassVar[str] = "conll"
    title: ClassVar[str] = "CoNLL 2003 (named entities)"

    def write(self, archive: Archive, snapshot: Snapshot, values: Mapping[str, Value], progress: Progress) -> Written:
        """One file a job; each waits in a temporary file until all assets have come."""
        names, kept, count = Names(), Kept(), Counter[str]()
        ontology = titled_ontology(snapshot.project)
        jobs = entity_jobs(ontology)

        def make(task: LabelledTask) -> tuple[list[bytes], list[bytes]] | None:
            """What each job says of the task, and of what each document is."""
            asset = self.asset(kept, snapshot, ontology, task, values)
            found = marked(kept, snapshot, asset) if asset.labels else ()
            if found is None:
                return None
            said, about = [], []
            for one in found:
                said.append([_document(kept, one, job) for job in jobs])
                of = {"task": one.asset.task.task, "name": one.asset.task.name, "label": one.item.row.external_id}
                about.append(orjson.dumps(of)[1:])
            return [b"".join(documents) for documents in zip(*said, strict=True)], about

        with ExitStack() as stack:
            index, *spools = [stack.enter_context(tempfile.SpooledTemporaryFile(1 << 20)) for _ in ("", *jobs)]
            numbers = itertools.count(1)
            with closing(told(archive, snapshot, make, kept, count, progress)) as documents:
                for each, about in documents:
                    for spool, document in zip(spools, each, strict=False):  # A task may have none at all.
                        spool.write(document)
                    for of in about:
                        index.write(b'{"document":%d,%b\n' % (next(numbers), of))
            for job, spool in zip(jobs, spools, strict=True):
                copied(archive, f"{names.take(job.replace('/', '_'))}.conll", spool)
            copied(archive, "documents.ndjson", index)
        return written(count)


def _document(archive: Noting, found: Marked, job: str) -> bytes:
    """One document of one job."""
    spans = apart(archive, found, [span for span in found.spans if span.job == job])
    return f"{DOCUMENT}\n\n{''.join(_lines(archive, found, spans))}\n".encode()


def _lines(archive: Noting, found: Marked, spans: list[TextSpan]) -> Iterator[str]:
    """Tokens with their tags; a token that a span cuts is of the span, and noted."""
    left, inside = iter(spans), False
    span = next(left, None)
    end = 0
    for token in _TOKEN.finditer(found.text):
        if end and "\n" in found.text[end : token.start()]:
            yield "\n"
        end = token.end()
        while span is not None and span.end <= token.start():
            span, inside = next(left, None), False
        if span is None or span.start >= token.end():
            yield f"{token[0]} -X- _ O\n"
            continue
        if (token.start() < span.start or token.end() > span.end) and not (inside and token.end() <= span.end):
            text = f"its border lies inside of the word {token[0]!r}, all of which is written as marked"
            skipped = Skipped(
                found.asset.task.task, "cut", text, found.item.row.external_id, span.job, span.id or span.object
            )
            archive.warn(skipped)
        yield f"{token[0]} -X- _ {'I' if inside else 'B'}-{_BLANK.sub('_', span.classes[0])}\n"
        inside = True
    yield "\n"
