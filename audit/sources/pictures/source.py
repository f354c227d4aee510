"""A data set of pictures as a source: files of labels and pictures are put together, then told picture by picture."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from audit.sources.base import SourceError, TaskHistory, TaskPage
from audit.sources.exported.container import Container
from audit.sources.exported.kind import FileSource, in_pages
from audit.sources.files.errors import quoted
from audit.sources.pictures.index import Picture, PictureIndex
from audit.sources.pictures.members import plain


class PictureSource(FileSource):
    """The data sets of a folder or zip. Raises SourceError for what is none."""

    def __init__(self, container: Container, name: str) -> None:
        super().__init__(container, name)
        self._index: PictureIndex | None = None

    def task_pages(self, since: datetime | None = None) -> Iterator[TaskPage]:
        """Pictures by their names."""
        return in_pages(self.history(picture) for picture in self.filled().each())

    def close(self) -> None:
        """Remove what was spooled."""
        if self._index is not None:
            self._index.close()

    def filled(self) -> PictureIndex:
        """All files, read once."""
        if self._index is None:
            index = PictureIndex()
            try:
                self.fill(index)
            except BaseException:
                index.close()
                raise
            self._index = index
        return self._index

    def same(self, place: int, other: int, wrong: str) -> None:
        """Raise SourceError unless both are one file."""
        if place != other:
            both = " and ".join(quoted(plain(self.container.names[one])) for one in (other, place))
            raise SourceError("answer", f"{both} {wrong}; remove the one that does not hold")

    def fill(self, index: PictureIndex) -> None:
        """Read all files into the index."""
        raise NotImplementedError

    def history(self, picture: Picture) -> TaskHistory:
        """A picture's task with its label."""
        raise NotImplementedError
