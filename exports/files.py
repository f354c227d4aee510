"""Files of exports and reports: written under temporary names, published whole or not at all, removed when not."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.utils.text import slugify

from exportsite.jobs import Lease, RunFailed

BLOCK = 1 << 18
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def own_place(names: Sequence[str], what: str, pk: UUID, created: datetime, extension: str) -> Path:
    """`<name>_<what>_<id>_<UTC time>.<extension>` in the artefact folder; the first name of which letters are left."""
    name = next((found for name in names if (found := slugify(name)[:60])), "project")
    return Path(settings.LABELTRAIL_ARTEFACTS) / f"{name}_{what}_{pk}_{created:%Y%m%dT%H%M%SZ}.{extension}"


def is_kept_here(path: Path) -> bool:
    """Whether a file lies in the artefact folder: a command may write to a place of its own."""
    return path.parent == Path(settings.LABELTRAIL_ARTEFACTS)


@dataclass
class Draft:
    """A file under a temporary name. `size` and `sha256` are known once it is settled."""

    target: Path
    file: IO[bytes]
    size: int = 0
    sha256: str = ""

    def entry(self) -> dict[str, Any]:
        """What the run's row says of it."""
        return {"name": self.target.name, "path": str(self.target), "bytes": self.size, "sha256": self.sha256}


@contextmanager
def drafts(targets: list[Path], pk: UUID) -> Iterator[list[Draft]]:
    """Files beside their targets, under temporary names that go with the block."""
    discard(pk)  # What an attempt left that was killed.
    with ExitStack() as stack:
        made = []
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - the stack closes it
                "w+b", dir=target.parent, prefix=f".{pk}.", suffix=".part", delete=False
            )
            stack.callback(Path(file.name).unlink, missing_ok=True)
            made.append(Draft(target, stack.enter_context(file)))
        yield made


def publish(drafted: list[Draft], lease: Lease[Any], *, force: bool, **columns: Any) -> None:
    """Give the files their names, and let the run succeed with them and these columns: both or neither.

    A file that came to be at a target meanwhile stays, unless `force`.
    """
    for draft in drafted:
        _settle(draft, lease.check)
    files = [draft.entry() for draft in drafted]
    try:
        with lease.publishing(files=files, **columns):
            _name(drafted, force=force)
    except BaseException:
        # A queued run's next attempt overwrites them; a command's run has none.
        if lease.run.attached and not lease.stands():
            for draft in drafted:
                _withdraw(draft)
        raise


def discard(pk: UUID) -> None:
    """Remove what a run left in the artefact folder: it did not succeed, or begins anew."""
    folder = Path(settings.LABELTRAIL_ARTEFACTS)
    for pattern in (f".{pk}.*.part", f"*_{pk}_*"):
        for path in folder.glob(pattern):
            with suppress(OSError):
                path.unlink()


def storage_failed(problem: OSError) -> RunFailed:
    """The failure of a run whose file could not be written, without the server's paths."""
    if problem.errno in _FULL:
        return RunFailed(
            "disk_full",
            "There is no room left for the file where it is kept. Nothing was published. Make room, then ask again.",
        )
    if isinstance(problem, FileExistsError) and problem.errno is None:
        return RunFailed("exists", str(problem))
    said = problem.strerror or type(problem).__name__
    return RunFailed("storage", f"The file could not be written ({said}). Nothing was published.")


def _settle(draft: Draft, check: Callable[[], None]) -> None:
    """Bring the bytes to the disk, and hash them as they lie there."""
    draft.file.flush()
    os.fsync(draft.file.fileno())
    draft.file.seek(0)
    digest = sha256()
    while block := draft.file.read(BLOCK):
        digest.update(block)
        check()
    draft.size, draft.sha256 = draft.file.tell(), digest.hexdigest()
    os.fchmod(draft.file.fileno(), 0o644)


def _name(drafted: list[Draft], *, force: bool) -> None:
    named: list[Draft] = []
    try:
        for draft in drafted:
            if force:
                os.replace(draft.file.name, draft.target)
            else:
                os.link(draft.file.name, draft.target)
            named.append(draft)
    except BaseException as problem:
        for draft in named:
            draft.target.unlink(missing_ok=True)
        if isinstance(problem, FileExistsError):
            raise FileExistsError(
                f"{drafted[len(named)].target} came into being meanwhile: --force overwrites it"
            ) from None
        raise
    _sync_folder(drafted[0].target.parent)


def _withdraw(draft: Draft) -> None:
    """Remove the target if it is this draft, and not a file that was there before."""
    with suppress(OSError):
        if os.path.samestat(os.fstat(draft.file.fileno()), draft.target.stat()):
            draft.target.unlink()


def _sync_folder(folder: Path) -> None:
    """The names are on the disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
