"""What was erased is in no later archive; the archive says so, and still verifies."""

from __future__ import annotations

import zipfile
from pathlib import Path

from audit.erase import erase_person
from audit.people import find_person
from exports.run import make_export
from tests.exports.sealed import verify
from tests.factories import make_project, worked_task


def test_an_erased_person_is_a_pseudonym_and_what_they_wrote_is_gone(db, tmp_path) -> None:
    project = make_project(worked_task("T1"))
    mei = find_person(project, "mei@example.org")
    before = make_export(project, "trail", parameters={"payload": "true"}, output=tmp_path / "before.zip")
    erase_person(mei.identity, reason="Asked to, article 17.", with_texts=True)
    project.log.refresh_from_db()
    after = make_export(project, "trail", parameters={"payload": "true"}, output=tmp_path / "after.zip")
    with zipfile.ZipFile(after.files[0]["path"]) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        trail = archive.read("trail.json").decode()
    assert "mei@example.org" not in everything.decode(errors="replace")
    assert "Lesion 2" not in everything.decode(errors="replace")
    assert mei.pseudonym in trail
    done = verify(Path(after.files[0]["path"]), "--earlier", before.files[0]["path"])
    assert done.returncode == 0, done.stdout
    assert "look  erased" in done.stdout
    assert "look  absent" not in done.stdout
