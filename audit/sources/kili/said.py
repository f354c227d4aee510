"""What a label says, job by job, in neutral annotations."""

from __future__ import annotations

from typing import Any

from audit.annotations import (
    COMPARISON,
    Annotation,
    Classification,
    Labelled,
    Medium,
    PageSpan,
    Problem,
    ProblemCode,
    Ranking,
    Relation,
    TextSpan,
    Transcription,
)
from audit.ontology import Job, Ontology
from audit.sources.kili.answers import Answers, confidence
from audit.sources.kili.shapes import BadShape, Turn, as_it_is, rings_of, shapes, tool_of, turn_of
from audit.sources.values import Item, counted, number, part, parts, text, values, whole
from audit.textunits import code_points, units_in

ROTATION = "ROTATION_JOB"
ASIDE = frozenset({ROTATION, "ANNOTATION_JOB_COUNTER", "ANNOTATION_NAMES_JOB"})
"""What stands between the jobs and is no answer: the view's rotation, and how Kili numbers and names objects."""
ASSET_LEVEL = "assetLevel"
"""Where a video's answers about all of it stand."""
MAIN = "main/[0]"
"""Where plain text stands: it has one part."""


class Said:
    """Reads one label after the project's ontology."""

    def __init__(self, ontology: Ontology, medium: Medium) -> None:
        self._ontology = ontology
        self._medium = medium
        self._answers = Answers(ontology)
        self._found: list[Annotation] = []
        self._turn: Turn = as_it_is
        self._frame: int | None = None

    def read(self, says: object) -> Labelled:
        """All that the label says, frame by frame where it is about a video."""
        if not isinstance(says, dict):
            if says is not None:
                self._problem("unreadable", "what the label says is no JSON object")
            return self._labelled()
        numbers = {key: counted(key) for key in says if self._ontology.job(key) is None}
        frames = sorted(number for number in numbers.values() if number is not None)
        if not frames:
            self._jobs(says)
            return self._labelled()
        self._jobs({key: value for key, value in says.items() if numbers.get(key) is None and key != ASSET_LEVEL})
        self._jobs(part(says, ASSET_LEVEL))
        for frame in frames:
            self._frame = self._answers.frame = frame
            self._jobs(part(says, str(frame)))
        return self._labelled()

    def _labelled(self) -> Labelled:
        return Labelled(tuple(self._found), tuple(self._answers.problems))

    def _problem(self, code: ProblemCode, why: str, job: str | None = None, id_: str | None = None) -> None:
        self._answers.problems.append(Problem(code, why, job=job, id=id_, frame=self._frame))

    def _jobs(self, says: Item) -> None:
        rotation = part(says, ROTATION).get("rotation", 0)
        turn = turn_of(rotation)
        if turn is None:
            self._problem(
                "bad_geometry", f"the view was turned by {str(rotation)[:40]}, not by a right angle", ROTATION
            )
            return
        self._turn = turn
        for key, said in says.items():
            if key not in ASIDE:
                self._job(key, said)

    def _job(self, key: str, said: object) -> None:
        job = self._ontology.job(key)
        if job is None:
            self._problem("unknown_job", f'"{key[:80]}" is no job of the ontology', key)
        elif not isinstance(said, dict):
            if said is not None:
                self._problem("unreadable", f'what is said to "{key}" is no JSON object', key)
        elif "annotations" in said:
            self._annotations(job, said)
        elif job.kind == "ranking" and "orders" in said:
            self._ranking(job, said)
        elif job.kind == "ranking" and "choice" in said:
            self._comparison(job, part(said, "choice"))
        elif job.kind in ("classification", "transcription"):
            self._whole(job, said, {})
        elif said:
            code: ProblemCode = "no_file" if "fileId" in said else "unknown_tool"
            self._problem(code, f'the answer to "{key}" ({", ".join(said)[:80]}) has no neutral form', key)

    def _annotations(self, job: Job, said: Item) -> None:
        if not isinstance(said["annotations"], list | None):
            self._problem("unreadable", f'the annotations of "{job.key}" are no list', job.key)
        for one in values(said, "annotations"):
            if not isinstance(one, dict):
                self._problem("unreadable", f'an annotation of "{job.key}" is no JSON object', job.key)
                continue
            id_ = self._answers.id = text(one, "mid")
            try:
                self._one(job, one, id_)
            except BadShape as error:
                self._problem(error.code, f'an annotation of "{job.key}": {error}', job.key, id_)
            self._answers.id = None

    def _one(self, job: Job, one: Item, id_: str | None) -> None:
        """One annotation; for each of its classes, where it has several."""
        if job.kind in ("classification", "transcription"):
            if not one.keys() & {"categories", "text"}:
                raise BadShape("unknown_tool", f"it says neither a class nor a text ({', '.join(one)[:80]})")
            for page in values(one, "pageNumberArray") or [None]:
                self._whole(job, one, {"page": page if type(page) is int else None})
            return
        answers = self._answers.children(one) if one.get("children") else ()
        key_frame = one.get("isKeyFrame") is not False
        for category, classes in self._classes(job, one):
            # Some stand below the category itself.
            more = self._answers.children(category) if "children" in category else ()
            common: dict[str, Any] = {
                "job": job.key,
                "classes": classes,
                "answers": (*answers, *more) if more else answers,
                "object": id_,
                "id": id_,
                "frame": self._frame,
                "key_frame": key_frame,
                "confidence": confidence(category),
            }
            self._found += self._drawn(job, one, common)

    def _drawn(self, job: Job, one: Item, common: dict[str, Any]) -> list[Annotation]:
        if job.kind == "relations":
            return [_relation(one, common)]
        if isinstance(one.get("annotations"), list):  # In a PDF: one for each page.
            return [found for inner in parts(one, "annotations") for found in self._on_page(job, one, inner, common)]
        if job.kind == "entities":
            return [_span(one, common, self._medium)]
        tool = tool_of(one, job.tools)
        if not tool:
            raise BadShape("no_geometry", "it has neither a tool nor a geometry")
        common["tool"] = tool
        return shapes(one, tool, common, self._size(None), self._turn)

    def _on_page(self, job: Job, one: Item, inner: Item, common: dict[str, Any]) -> list[Annotation]:
        pages = [page for page in values(inner, "pageNumberArray") if type(page) is int]
        if not pages:
            raise BadShape("bad_geometry", "it is on no page")
        if job.kind != "entities":
            tool = tool_of(one, ()) if "type" in one else tool_of(inner, job.tools)
            placed = {**common, "tool": tool, "page": pages[0]}
            return shapes(inner, tool, placed, self._size(pages[0]), self._turn)
        boxes = rings_of(inner, "polys", self._turn) or rings_of(inner, "boundingPoly", self._turn)
        quote = text(inner, "textContent") or text(inner, "content") or text(one, "content")
        if not boxes:
            raise BadShape("no_geometry", "it has no boxes around its words")
        if len(pages) == 1:
            return [PageSpan(boxes=boxes, quote=quote, tool="entity", page=pages[0], **common)]
        if len(pages) != len(boxes):
            raise BadShape(
                "bad_geometry", f"it has {len(boxes)} boxes on {len(pages)} pages, and not which is on which"
            )
        return [
            PageSpan(boxes=(box,), quote=quote, tool="entity", page=page, **common)
            for page, box in zip(pages, boxes, strict=True)
        ]

    def _size(self, page: int | None) -> tuple[float, float] | None:
        if page is not None:
            return self._medium.pages[page - 1] if 0 < page <= len(self._medium.pages) else None
        width, height = self._medium.width, self._medium.height
        return None if width is None or height is None else (width, height)

    def _classes(self, job: Job, one: Item) -> list[tuple[Item, tuple[str, ...]]]:
        """Each class once, with what is said of it. Raises BadShape for none, and for one that the ontology lacks."""
        found: dict[str, tuple[Item, tuple[str, ...]]] = {}
        categories, paths = parts(one, "categories"), job.paths
        for category in categories:
            key = text(category, "name")
            if key is None or key not in paths:
                raise BadShape("unknown_class", f"its class is {str(key)[:80]!r}, which the ontology does not have")
            if len(categories) == 1:
                return [(category, paths[key])]
            found.setdefault(key, (category, paths[key]))
        if not found:
            raise BadShape("no_class", "it has no class")
        return list(found.values())

    def _whole(self, job: Job, said: Item, more: dict[str, Any]) -> None:
        """An answer about the medium, a frame or a page."""
        answer = self._answers.answer(job, said)
        if answer is None:
            return
        common: dict[str, Any] = {
            "job": job.key,
            "tool": job.tools[0] if job.tools else "",
            "id": text(said, "mid"),
            "frame": self._frame,
            "key_frame": said.get("isKeyFrame") is not False,
            **more,
        }
        if job.kind == "transcription" and answer.text is not None:
            self._found.append(Transcription(text=answer.text, **common))
        else:
            self._found.append(Classification(answer=answer, multiple=job.multiple, **common))

    def _ranking(self, job: Job, said: Item) -> None:
        orders = sorted(parts(said, "orders"), key=lambda order: number(order.get("rank")) or 0.0)
        order = tuple(tuple(str(element) for element in values(one, "elements")) for one in orders)
        self._found.append(Ranking(job=job.key, tool="ranking", order=order, frame=self._frame))

    def _comparison(self, job: Job, choice: Item) -> None:
        """Of two answers of models. The first one is the better, unless the chosen option says that neither is."""
        first, second, code = text(choice, "firstId"), text(choice, "secondId"), text(choice, "code")
        known = next((one for one in job.classes if code in (one.title, one.key)), None)
        if first is None or second is None:
            self._problem("no_geometry", f'the answer to "{job.key}" does not say which two it compares', job.key)
        elif known is None:
            why = f'the answer to "{job.key}" is {str(code)[:80]!r}, which is none of its options'
            self._problem("unknown_class", why, job.key)
        else:
            order = ((first, second),) if known.tie else ((first,), (second,))
            said: dict[str, Any] = {"classes": (known.key,), "frame": self._frame}
            self._found.append(Ranking(job=job.key, tool=COMPARISON, order=order, **said))


def _relation(one: Item, common: dict[str, Any]) -> Relation:
    def ends(*fields: str) -> tuple[str, ...]:
        return tuple(mid for field in fields for entry in parts(one, field) if (mid := text(entry, "mid")) is not None)

    sources, targets = ends("startObjects", "startEntities"), ends("endObjects", "endEntities")
    if not sources or not targets:
        raise BadShape("no_geometry", "the relation does not have both ends")
    return Relation(sources=sources, targets=targets, tool="relation", **common)


def _span(one: Item, common: dict[str, Any], medium: Medium) -> TextSpan:
    """Words of a text, which Kili counts in UTF-16 units."""
    start, end = whole(one, "beginOffset"), whole(one, "endOffset")
    begin, stop = text(one, "beginId") or MAIN, text(one, "endId") or text(one, "beginId") or MAIN
    if begin != stop:
        raise BadShape(
            "bad_geometry", f"its words begin in {begin[:40]} and end in {stop[:40]}: parts of the text differ"
        )
    quote = text(one, "content")
    if end is None and start is not None and quote is not None:
        end = start + units_in(quote)
    if start is None or end is None or not 0 <= start < end:
        raise BadShape("bad_geometry", "it does not say from where to where its words go")
    message = None if begin == MAIN else begin
    start, end = code_points(start, end, medium.text if message is None else None, quote)
    return TextSpan(start=start, end=end, quote=quote, message=message, tool="entity", **common)
