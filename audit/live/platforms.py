"""Opening projects at their platforms, and credentials: encrypted at rest, for one address and account alone."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from audit.models import Project, Source
from audit.sources.base import LiveSource, SourceError
from audit.sources.origins import PLATFORMS, origin
from audit.sources.web import Conditions
from exportsite import canonical
from exportsite.keys import Tampered, UnknownKey, keyring


def conditions(ca_file: str = "", sleep: Callable[[float], None] | None = None) -> Conditions:
    """How this installation reaches platforms. `sleep` gets seconds, and may raise to end the waiting."""
    allowed = settings.SOURCE_ALLOW_HOSTS
    if sleep is None:
        return Conditions(allow_hosts=allowed, ca_file=ca_file or None)
    return Conditions(allow_hosts=allowed, ca_file=ca_file or None, sleep=sleep)


def open_project(project: Project, sleep: Callable[[float], None] | None = None) -> LiveSource:
    """The project at its platform, with the stored credentials. Nothing is sent yet. Raises SourceError."""
    source = project.source
    platform = PLATFORMS.get(source.kind)
    if platform is None:
        raise SourceError("refused", f'"{project.name}" ({origin(source.kind)}) is not read over an API')
    key = unseal(source)
    return platform.open(source.base_url, key, source.account, project.external_id, conditions(source.ca_file, sleep))


def seal(source: Source, key: str) -> None:
    """Put the key into the source's row, encrypted. The row is not saved."""
    source.key_id, source.credentials = keyring().encrypt(key.encode(), _belongs_to(source))


def unseal(source: Source) -> str:
    """The key that `seal` was given. Raises SourceError when there is none that can be used."""
    if source.credentials is None:
        raise SourceError("key", f"{source} has no key; give it one with manage.py connect")
    try:
        return keyring().decrypt(source.key_id, bytes(source.credentials), _belongs_to(source)).decode()
    except (Tampered, UnknownKey) as error:
        raise SourceError(
            "key",
            f"the key of {source} can't be read: it was stored for another address or account, or field.key is another "
            "one. Put it in again with manage.py connect",
        ) from error


def _belongs_to(source: Source) -> bytes:
    """Whoever changes the address in the table does not get the key sent there."""
    return b"labeltrail/v1/credentials\0" + canonical.dumps([source.kind, source.base_url, source.account])
