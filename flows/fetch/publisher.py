"""A source of the catalogue, retrieved from its publisher into the vault."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flows.fetch import connectors
from flows.fetch.catalogue import Entry
from flows.fetch.local import pack
from flows.fetch.request import Want
from flows.fetch.vault import Snapshot, Vault
from flows.fetch.web import HttpAnswer, Web
from flows.fetch.windows import cut
from geo.errors import EvidenceError, SourceUnreachableError
from geo.study import Study

PARTS = ".parts"
"""Files that one snapshot is packed from are kept under the source's id and this."""


@dataclass(frozen=True)
class Publisher:
    """Retrieves sources; see `retrieve`.

    Attributes
    ----------
    web, vault
        Where from and where to.
    clock
        Returns the time, UTC.
    """

    web: Web
    vault: Vault
    clock: Callable[[], datetime]

    def retrieve(self, source_id: str, entry: Entry, study: Study) -> tuple[Snapshot, ...]:
        """Bring the files of a source that a study needs into the vault.

        A file that the publisher has not changed keeps its snapshot. Where anything fails, what
        was there before stays as it was.

        Raises
        ------
        SourceUnreachableError
            If the publisher cannot be reached or answers with something else.
        """
        if entry.terms and not self.vault.history(source_id):
            self.web.announce(f"{entry.title}: {entry.terms}")
        with self.vault.lock(source_id):
            wanted = connectors.wants(source_id, entry, study)
            if entry.kind == "arcgis":
                return (self._paged(source_id, entry, wanted[0]),)
            if entry.kind == "years" and entry.content == "json":
                return (self._packed(source_id, entry, wanted),)
            found = [self._file(source_id, entry, want, study) for want in wanted]
        return _some(tuple(s for s in found if s is not None and s.size), entry)

    def _file(self, source_id: str, entry: Entry, want: Want, study: Study) -> Snapshot | None:
        if entry.windowed:
            return self._window(source_id, entry, want, study)
        return self._whole(source_id, entry, want)

    def _whole(self, source_id: str, entry: Entry, want: Want) -> Snapshot | None:
        known = self._known(source_id, want)
        if known is not None:
            want = replace(want, etag=known.etag, last_modified=known.last_modified)
        part = self.vault.incoming(want.url)
        answer = self.web.download(want, part)
        if answer.kind == "same" and known is not None:
            return known
        if answer.kind == "absent" and entry.absent_is_empty:
            return self._nothing(source_id, entry, want.url, want.name)
        if answer.kind == "absent":
            if entry.kind == "years":
                return None
            raise SourceUnreachableError(
                f"{entry.title}: the publisher has no such file any more. Look at {entry.landing}, "
                "or give the file itself."
            )
        snapshot = self.vault.put_file(source_id, part, self._sidecar(entry, answer), want.name)
        part.unlink(missing_ok=True)
        return snapshot

    def _window(self, source_id: str, entry: Entry, want: Want, study: Study) -> Snapshot | None:
        name = connectors.window_name(want, study)
        try:
            found = cut(self.web, want, study.bounds_lonlat)
        except SourceUnreachableError as error:
            if entry.absent_is_empty and "answered 404" in str(error):
                return self._nothing(source_id, entry, want.url, name)
            raise
        if found is None:
            return self._nothing(source_id, entry, want.url, name)
        content, etag = found
        sidecar = self._sidecar(entry, HttpAnswer("new", want.url, etag))
        sidecar["note"] = f"Window {study.bounds_lonlat} of the publisher's file. {entry.note}"
        return self.vault.put_bytes(source_id, content, sidecar, name)

    def _nothing(self, source_id: str, entry: Entry, url: str, name: str) -> Snapshot:
        """Remember, as a file without a byte, that the publisher has nothing here."""
        sidecar = self._sidecar(entry, HttpAnswer("absent", url))
        sidecar["note"] = "no such tile: all sea"
        return self.vault.put_bytes(source_id, b"", sidecar, name)

    def _packed(self, source_id: str, entry: Entry, wanted: tuple[Want, ...]) -> Snapshot:
        """Pack one file a year into one snapshot; the years stay in the vault as well."""
        found = [self._whole(source_id + PARTS, entry, want) for want in wanted]
        parts = _some(tuple(s for s in found if s is not None), entry)
        files = {s.name: self.vault.open(s).read_bytes() for s in parts}
        newest = max(parts, key=lambda s: s.retrieved_at)
        sidecar = {**entry.about(), "url": entry.url, "retrieved_at": newest.retrieved_at}
        return self.vault.put_bytes(source_id, pack(files), sidecar, f"{source_id}.zip")

    def _paged(self, source_id: str, entry: Entry, want: Want) -> Snapshot:
        features: list[Any] = []
        first: dict[str, Any] = {}
        for _ in range(connectors.MAX_PAGES):
            asked = connectors.page(want, entry.url, len(features))
            part = self.vault.incoming(asked.url)
            if self.web.download(asked, part).kind != "new":
                raise SourceUnreachableError(
                    f"{entry.title}: the service has no such layer. Look at {entry.landing}."
                )
            data = json.loads(part.read_text("utf-8"))
            part.unlink()
            new = data.get("features")
            if not isinstance(new, list):
                raise SourceUnreachableError(
                    f"{entry.title}: the service sent no features. Look at {entry.landing}."
                )
            first = first or data
            features += new
            limit = data.get("exceededTransferLimit") or data.get("properties", {}).get(
                "exceededTransferLimit"
            )
            if not new or not limit:
                break
        else:
            raise SourceUnreachableError(
                f"{entry.title}: the service sends pages without end. Try again later."
            )
        whole = {"type": "FeatureCollection", "features": features}
        if "crs" in first:
            whole["crs"] = first["crs"]
        content = json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()
        sidecar = self._sidecar(entry, HttpAnswer("new", want.url))
        return self.vault.put_bytes(source_id, content, sidecar, f"{source_id}.geojson")

    def _known(self, source_id: str, want: Want) -> Snapshot | None:
        for snapshot in self.vault.latest(source_id, want.name):
            try:
                self.vault.open(snapshot)
            except EvidenceError:
                return None
            return snapshot
        return None

    def _sidecar(self, entry: Entry, answer: HttpAnswer) -> dict[str, Any]:
        return {
            **entry.about(),
            "url": answer.url,
            "retrieved_at": self.clock().isoformat(timespec="seconds"),
            "etag": answer.etag,
            "last_modified": answer.last_modified,
        }


def _some(found: tuple[Snapshot, ...], entry: Entry) -> tuple[Snapshot, ...]:
    if not found:
        raise SourceUnreachableError(
            f"{entry.title}: the publisher has nothing for this area and time. Look at "
            f"{entry.landing}, or give a file."
        )
    return found
