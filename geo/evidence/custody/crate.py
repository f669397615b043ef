"""The bundle as an RO-Crate 1.1 of the profile Process Run Crate 0.5.

Written by hand as JSON-LD: the only entities are files, the run and the program, and their order
and dates must not depend on a clock.
"""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from typing import Any

from geo.evidence.custody.chain import MANIFEST, files, sha256
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each

CRATE = "ro-crate-metadata.json"
PROCESS = "https://w3id.org/ro/wfrun/process/0.5"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".gpkg": "application/geopackage+sqlite3",
    ".toml": "application/toml",
    ".jsonl": "application/jsonl",
    ".tif": "image/tiff",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CONTEXT = [
    "https://w3id.org/ro/crate/1.1/context",
    {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"},
]
"""RO-Crate's own terms, and the one of Process Run Crate that they lack."""
Entity = dict[str, Any]


def crate_bytes(folder: Path, findings: Findings) -> bytes:
    """Return `ro-crate-metadata.json` for a bundle whose other files are written."""
    names = [n for n in files(folder) if n != CRATE]
    day = findings.study.as_of.isoformat()
    inputs = _inputs(findings)
    graph: list[Entity] = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        _root(findings, day, names, inputs),
        *_named(findings.code_version),
        _run(findings, day, names, inputs),
        *inputs,
        *(_file(folder, n) for n in names),
    ]
    crate = {"@context": CONTEXT, "@graph": graph}
    return (json.dumps(crate, indent=1, ensure_ascii=False) + "\n").encode()


def _named(code_version: str) -> list[Entity]:
    """Describe what every crate names: profile, licence, project and program."""
    return [
        {
            "@id": PROCESS,
            "@type": "CreativeWork",
            "name": "Process Run Crate",
            "version": "0.5",
        },
        {
            "@id": LICENCE,
            "@type": "CreativeWork",
            "name": "CC BY 4.0",
            "description": "Creative Commons Attribution 4.0 International",
        },
        {
            "@id": "#project",
            "@type": "Organization",
            "name": "The funnel-effect project",
            "url": "https://github.com/funnel-effect/funnel-effect",
        },
        {
            "@id": "#funnel",
            "@type": "SoftwareApplication",
            "name": "funnel-effect",
            "version": code_version,
            "softwareVersion": code_version,
            "url": "https://github.com/funnel-effect/funnel-effect",
        },
    ]


def _run(findings: Findings, day: str, names: list[str], inputs: list[Entity]) -> Entity:
    return {
        "@id": f"#run-{findings.run_id}",
        "@type": "CreateAction",
        "name": f"Run {findings.run_id} of study {findings.study.name}",
        "description": "funnel run, with the resolved study and the sources named as objects",
        "instrument": {"@id": "#funnel"},
        "agent": {"@id": "#project"},
        "object": [{"@id": "study.toml"}, *({"@id": i["@id"]} for i in inputs)],
        "result": [{"@id": n} for n in names if n != "study.toml"],
        "endTime": f"{day}T00:00:00+00:00",
        "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
    }


def _root(findings: Findings, day: str, names: list[str], inputs: list[Entity]) -> Entity:
    study = findings.study
    made_up = " SYNTHETIC: the records are made up." if findings.synthetic else ""
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{study.title}: evidence bundle",
        "description": f"{study.question or study.title} Run {findings.run_id}.{made_up}",
        "identifier": findings.run_id,
        "version": findings.run_id,
        "datePublished": day,
        "license": {"@id": LICENCE},
        "author": {"@id": "#project"},
        "publisher": {"@id": "#project"},
        "conformsTo": {"@id": PROCESS},
        "hasPart": [{"@id": n} for n in names],
        "mentions": [{"@id": f"#run-{findings.run_id}"}, *({"@id": i["@id"]} for i in inputs)],
    }


def _inputs(findings: Findings) -> list[Entity]:
    """Return the sources as objects of the run: named by hash, and not part of the crate."""
    return [
        {
            "@id": f"#sha256-{row.sha256}",
            "@type": "CreativeWork",
            "name": row.title,
            "description": f"Role: {row.role}. {row.citation}",
            "publisher": row.publisher,
            "license": row.licence,
            "identifier": f"sha256:{row.sha256}",
        }
        for row in each(findings.table("snapshots").drop_duplicates("sha256"))
    ]


def _file(folder: Path, name: str) -> Entity:
    data = (folder / name).read_bytes()
    suffix = Path(name).suffix
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "text/plain",
        "contentSize": str(len(data)),
        "sha256": sha256(data),
    }


def described(data: bytes) -> dict[str, str]:
    """Return file = hash, as a crate describes them."""
    graph = json.loads(data)["@graph"]
    return {
        e["@id"]: e["sha256"] for e in graph if e.get("@type") == "File" and e["@id"] != MANIFEST
    }
