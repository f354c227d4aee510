"""Other people's writers on the same pictures, from memory: CPU seconds for COCO, YOLO and Pascal VOC.

    python -m bench.peers [--images 20000]

Needs nothing of ours but `bench.pictures`, so that any interpreter with some of kili-formats, datumaro, labelformat and
supervision can run it; those that are not there are left out. Their labels are objects of their own before the clock
begins. kili-formats writes no files: it is measured alone, and with the least that makes an archive of what it gives,
the standard library's zip (Kili's SDK writes a folder first). The others write theirs to a folder. Prints JSON: peer,
format, seconds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.pictures import CLASSES, HEIGHT, JOBS, WIDTH, asset, settings

Ring = list[tuple[float, float]]
Timed = tuple[str, str, Callable[[], object]]
"""Peer, format, and the work."""


def main() -> None:
    """Measure whoever is installed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--images", type=int, default=20_000)
    images = options.parse_args().images
    found, missing = [], []
    for peer in (_kili_formats, _datumaro, _labelformat, _supervision):
        try:
            for name, format_, work in peer(images):
                began = time.process_time()
                work()
                found.append((name, format_, time.process_time() - began))
        except ImportError:
            missing.append(peer.__name__.strip("_").replace("_", "-"))
    print(json.dumps({"found": found, "missing": missing}))


def _shapes(number: int) -> Iterator[tuple[str, int, Ring]]:
    """Kind, class and corners in pixels of all that is in a picture."""
    said = asset(number)["labels"][0]["jsonResponse"]
    for job, kind in JOBS.items():
        for one in said[job]["annotations"]:
            points = one["boundingPoly"][0]["normalizedVertices"]
            ring = [(point["x"] * WIDTH, point["y"] * HEIGHT) for point in points]
            yield kind, CLASSES.index(one["categories"][0]["name"]), ring


def _bounds(ring: Ring) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def _kili_formats(images: int) -> Iterator[Timed]:
    from kili_formats import (
        convert_from_kili_to_coco_format,
        convert_from_kili_to_voc_format,
        convert_from_kili_to_yolo_format,
    )
    from kili_formats.types import JobCategory

    jobs = settings()["jsonInterface"]["jobs"]
    names = [(job, name) for job in JOBS for name in CLASSES]
    ids = {
        f"{job}__{name}": JobCategory(category_name=name, id=place, job_id=job)
        for place, (job, name) in enumerate(names)
    }
    assets = []
    for number in range(images):
        one = asset(number)
        one["latestLabel"], one["content"] = one.pop("labels")[0], ""
        assets.append(one)

    def yolo() -> Iterator[tuple[str, Any]]:
        for one in assets:
            yield (
                f"{one['externalId']}.txt",
                [row for job in JOBS for row in convert_from_kili_to_yolo_format(job, one["latestLabel"], ids)],
            )

    def voc() -> Iterator[tuple[str, Any]]:
        for one in assets:
            said = one["latestLabel"]["jsonResponse"]
            yield (
                f"{one['externalId']}.xml",
                convert_from_kili_to_voc_format(said, WIDTH, HEIGHT, {"filename": one["externalId"]}, jobs),
            )

    def coco() -> Iterator[tuple[str, Any]]:
        found = convert_from_kili_to_coco_format(
            jobs=jobs, assets=assets, title="B", project_input_type="IMAGE", annotation_modifier=None, merged=True
        )
        yield "labels.json", found

    def lines(rows: Any) -> str:
        return "".join(" ".join(map(str, row)) + "\n" for row in rows)

    def alone(convert: Callable[[], Iterator[Any]]) -> Callable[[], object]:
        return lambda: sum(1 for _ in convert())

    def packed(convert: Callable[[], Iterator[tuple[str, Any]]], text: Callable[[Any], str]) -> Callable[[], object]:
        def work() -> None:
            with tempfile.TemporaryFile() as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, found in convert():
                    archive.writestr(name, text(found))

        return work

    for format_, convert, text in (("coco", coco, json.dumps), ("yolo_v8", yolo, lines), ("pascal_voc", voc, str)):
        yield "kili-formats", format_, alone(convert)
        yield "kili-formats to a zip", format_, packed(convert, text)


def _datumaro(images: int) -> Iterator[Timed]:
    import numpy as np
    from datumaro.components.annotation import AnnotationType, Bbox, LabelCategories, Polygon
    from datumaro.components.dataset import Dataset
    from datumaro.components.dataset_base import DatasetItem
    from datumaro.components.media import Image

    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    items = []
    for number in range(images):
        found: list[Any] = []
        for place, (kind, class_, ring) in enumerate(_shapes(number)):
            if kind == "rectangle":
                left, top, right, bottom = _bounds(ring)
                found.append(Bbox(left, top, right - left, bottom - top, label=class_, id=place, group=place))
            else:
                flat = [value for point in ring for value in point]
                found.append(Polygon(flat, label=class_, id=place, group=place))
        media = Image.from_numpy(data=picture, size=(HEIGHT, WIDTH))
        items.append(DatasetItem(id=f"image_{number:07d}", annotations=found, media=media))
    categories = {AnnotationType.label: LabelCategories.from_iterable(CLASSES)}
    data = Dataset.from_iterable(items, categories=categories)

    def exported(format_: str) -> Callable[[], None]:
        def work() -> None:
            with tempfile.TemporaryDirectory() as folder:
                data.export(folder, format_, save_media=False)

        return work

    yield "datumaro", "coco", exported("coco_instances")
    yield "datumaro", "pascal_voc", exported("voc_detection")
    yield "datumaro", "yolo_v8", exported("yolo")


def _labelformat(images: int) -> Iterator[Timed]:

    from labelformat.formats import (
        COCOObjectDetectionOutput,
        PascalVOCObjectDetectionOutput,
        YOLOv8ObjectDetectionOutput,
    )
    from labelformat.model.bounding_box import BoundingBox
    from labelformat.model.category import Category
    from labelformat.model.image import Image
    from labelformat.model.object_detection import (
        ImageObjectDetection,
        ObjectDetectionInput,
        SingleObjectDetection,
    )

    categories = [Category(id=place, name=name) for place, name in enumerate(CLASSES)]
    pictures, labels = [], []
    for number in range(images):
        picture = Image(id=number, filename=f"image_{number:07d}.jpg", width=WIDTH, height=HEIGHT)
        pictures.append(picture)
        boxes = [
            SingleObjectDetection(category=categories[class_], box=BoundingBox(*_bounds(ring)))
            for _, class_, ring in _shapes(number)
        ]
        labels.append(ImageObjectDetection(image=picture, objects=boxes))

    class Input(ObjectDetectionInput):  # type: ignore[misc]  # only where it is installed
        @staticmethod
        def add_cli_arguments(parser: Any) -> None: ...

        def get_categories(self) -> Any:
            return categories

        def get_images(self) -> Any:
            return pictures

        def get_labels(self) -> Any:
            return labels

    def written(make: Callable[[Path], Any]) -> Callable[[], None]:
        def work() -> None:
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder)).save(label_input=Input())

        return work

    yield "labelformat (boxes)", "coco", written(lambda folder: COCOObjectDetectionOutput(folder / "labels.json"))
    yield "labelformat (boxes)", "pascal_voc", written(lambda folder: PascalVOCObjectDetectionOutput(folder))
    yield (
        "labelformat (boxes)",
        "yolo_v8",
        written(lambda folder: YOLOv8ObjectDetectionOutput(folder / "data.yaml", "train")),
    )


def _supervision(images: int) -> Iterator[Timed]:
    import numpy as np
    import supervision as sv

    found = {}
    for number in range(images):
        shapes = list(_shapes(number))
        found[f"image_{number:07d}.jpg"] = sv.Detections(
            xyxy=np.array([_bounds(ring) for _, _, ring in shapes]), class_id=np.array([one for _, one, _ in shapes])
        )
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    data = sv.DetectionDataset(classes=list(CLASSES), images=dict.fromkeys(found, picture), annotations=found)

    def written(name: str, path: str) -> Callable[[], None]:
        def work() -> None:
            with tempfile.TemporaryDirectory() as folder:
                getattr(data, name)(**{path: str(Path(folder) / ("a.json" if name == "as_coco" else ""))})

        return work

    yield "supervision (boxes)", "coco", written("as_coco", "annotations_path")
    yield "supervision (boxes)", "pascal_voc", written("as_pascal_voc", "annotations_directory_path")
    yield "supervision (boxes)", "yolo_v8", written("as_yolo", "annotations_directory_path")


if __name__ == "__main__":
    main()
