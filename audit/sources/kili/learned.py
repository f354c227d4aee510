"""A jsonInterface learned from what labels say: exports of Kili have none.

It holds the jobs, classes and tools that answers name, in the order in which they name them, in Kili's own form.
"""

from __future__ import annotations

from audit.sources.kili.said import ASIDE, ASSET_LEVEL
from audit.sources.values import Item, part, parts, text

TIE = "tie"
"""What Kili's own templates call the option that says of neither answer that it is better."""
_GEOMETRY = ("boundingPoly", "polyline", "point", "points")


class Learned:
    """What labels name so far."""

    def __init__(self) -> None:
        self._jobs: dict[str, Item] = {}
        self.video = self.text = self.pages = False

    def add(self, says: object) -> None:
        """Learn from one more jsonResponse."""
        if not isinstance(says, dict):
            return
        frames = [key for key in says if key.isdecimal()]
        self.video = self.video or bool(frames)
        for key in frames:
            self._answers(part(says, key), child=False)
        self._answers(part(says, ASSET_LEVEL), child=False)
        apart = {*frames, ASSET_LEVEL, *ASIDE}
        self._answers({key: value for key, value in says.items() if key not in apart}, child=False)

    def interface(self) -> Item:
        """The jsonInterface."""
        return {"jobs": self._jobs}

    def _answers(self, says: Item, *, child: bool) -> list[str]:
        asked = []
        for key, said in says.items():
            if isinstance(said, dict) and said and key not in ASIDE:
                self._job(key, said, child=child)
                asked.append(key)
        return asked

    def _job(self, key: str, said: Item, *, child: bool) -> None:
        annotations = parts(said, "annotations")
        for one in annotations or [said]:
            task, tool = self._task(one, within=bool(annotations))
            known = self._jobs.setdefault(key, {"mlTask": task, "content": {"categories": {}}, "isChild": child})
            if tool and tool not in known.setdefault("tools", []):
                known["tools"].append(tool)
            if task in ("CLASSIFICATION", "PAGE_LEVEL_CLASSIFICATION"):
                several = len(parts(one, "categories")) > 1
                known["content"]["input"] = "checkbox" if several else known["content"].get("input", "radio")
            self._classes(known["content"]["categories"], one)
            if (code := text(part(one, "choice"), "code")) is not None:
                option = {"name": code} | ({"mutual": True} if code.casefold() == TIE else {})
                known["content"].setdefault("options", {})[code] = option

    def _classes(self, known: Item, said: Item) -> None:
        """The classes that an answer names, and what was asked because of them."""
        chosen = parts(said, "categories")
        for category in chosen:
            name = text(category, "name")
            if name is None:
                continue
            found = known.setdefault(name, {"name": name, "children": []})
            asked = self._answers(part(category, "children"), child=True)
            if len(chosen) == 1:
                asked += self._answers(part(said, "children"), child=True)
            found["children"] += [job for job in asked if job not in found["children"]]
            for point in parts(said, "points"):
                code = text(point, "code")
                if code is not None and all(one["code"] != code for one in found.setdefault("points", [])):
                    found["points"].append({"code": code, "name": text(point, "name") or code})
        if len(chosen) != 1:
            self._answers(part(said, "children"), child=True)

    def _task(self, one: Item, *, within: bool) -> tuple[str, str | None]:
        """What kind of job gives such an answer, and with which tool."""
        self.pages = self.pages or "pageNumberArray" in one
        if "startObjects" in one:
            return "OBJECT_RELATION", None
        if "startEntities" in one:
            return "NAMED_ENTITIES_RELATION", None
        if "orders" in one:
            return "RANKING", None
        if "firstId" in part(one, "choice"):
            return "COMPARISON", None
        inner = parts(one, "annotations")
        self.pages = self.pages or bool(inner)
        # Boxes on pages have polys, too: only what words are marked with has no type.
        if "beginOffset" in one or (any("polys" in entry for entry in inner) and text(one, "type") is None):
            self.text = self.text or "beginOffset" in one
            return "NAMED_ENTITIES_RECOGNITION", None
        drawn = [*inner, one]
        if any(name in entry for entry in drawn for name in _GEOMETRY):
            tool = next((found for entry in drawn if (found := text(entry, "type"))), None)
            return ("POSE_ESTIMATION" if "points" in one else "OBJECT_DETECTION"), tool or (
                "pose" if "points" in one else None
            )
        if "text" in one and "categories" not in one:
            return ("PAGE_LEVEL_TRANSCRIPTION" if within else "TRANSCRIPTION"), None
        return ("PAGE_LEVEL_CLASSIFICATION" if within else "CLASSIFICATION"), None
