"""Say whether a bundle is whole, unaltered, within its contracts and within the safeguards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from geo.errors import ContractError, EvidenceError, InputProblems, Problem
from geo.evidence.checks.copies import copies
from geo.evidence.checks.custody_log import custody_log
from geo.evidence.checks.leaks import leaks, secrets
from geo.evidence.checks.pages import pages
from geo.evidence.checks.safeguards import safeguards
from geo.evidence.checks.stated import FIRST_FORMAT, format_of, stated
from geo.evidence.custody.chain import (
    CUSTODY,
    FORMAT,
    MANIFEST,
    check_chain,
    check_manifest,
    files,
    sha256,
)
from geo.evidence.custody.crate import CRATE, described
from geo.evidence.custody.restricted import RECORDS
from geo.evidence.formats.tabular import csv_bytes, read_csv
from geo.evidence.tables.published import HELD, file_contract
from geo.study import Study, parse

ORIGINAL = "Get the original bundle"


def verify(folder: Path, restricted: Path | None = None) -> list[Problem]:
    """Check a bundle: hashes, custody chain, run id, crate, copies, contracts, safeguards.

    Parameters
    ----------
    folder
        The public bundle.
    restricted
        The restricted tree of the same run: its own manifest is checked, its records must have
        the hash that the custody log states, and nothing of it may stand in the public bundle.

    Returns
    -------
    list of Problem
        Empty where all is well; else each with the file, what is wrong and what to do.

    Raises
    ------
    EvidenceError
        If a folder is no bundle at all.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> evidence.verify(examples.bundle())
    []
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file() and not (folder / CRATE).is_file():
        raise EvidenceError(
            f"{folder} is no bundle: it holds neither {MANIFEST} nor {CRATE}; name another"
        )
    found = [*check_manifest(folder), *_custody(folder), *_crate(folder), *stated(folder)]
    found += custody_log(folder)
    tables = load_tables(folder, [] if foreign(folder) else found)
    found += [*_links(tables), *copies(folder, tables), *pages(folder, tables)]
    study = load_study(folder, found)
    if study is not None:
        found += safeguards(folder, study, tables)
    if restricted is not None:
        found += _restricted(folder, Path(restricted))
    return list(dict.fromkeys(found))


def foreign(folder: Path) -> str:
    """Say that a bundle has another format than this program's; empty where it has the same.

    Parameters
    ----------
    folder
        The public bundle.

    Returns
    -------
    str
        A sentence, or empty.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> evidence.foreign(examples.bundle())
    ''
    """
    theirs = format_of(folder)
    if theirs == FORMAT:
        return ""
    unasked = "the contracts of its tables"
    if theirs == FIRST_FORMAT:
        unasked += ", its run id and its step chain, which it does not state in full"
    return (
        f"the bundle has format {theirs}, this program writes format {FORMAT}: it is checked as "
        f"far as that goes, but for {unasked}"
    )


def load_study(folder: Path, problems: list[Problem]) -> Study | None:
    """Return a bundle's resolved study, noting what is wrong with it."""
    try:
        return parse((folder / "study.toml").read_text("utf-8"), "study.toml")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem("study.toml", f"cannot be read: {error}", ORIGINAL))
    except InputProblems as error:
        problems.extend(error.problems)
    return None


def load_tables(folder: Path, problems: list[Problem]) -> dict[str, pd.DataFrame]:
    """Return a bundle's public tables as their files hold them, noting what is wrong with them."""
    tables: dict[str, pd.DataFrame] = {}
    for name in HELD:
        where = f"tables/{name}.csv"
        table = file_contract(name)
        try:
            data = (folder / where).read_bytes()
            if (same := _as_parquet(folder, name, data)) is not None:
                tables[name] = same
                continue
            frame = read_csv(data, table)
        except FileNotFoundError:
            problems.append(Problem(where, "the table is missing", ORIGINAL))
            continue
        except (ContractError, ValueError) as error:
            problems.append(Problem(where, f"breaks its contract: {error}", ORIGINAL))
            continue
        tables[name] = frame
        problems += _same_as_parquet(folder, name, frame)
    return tables


def _as_parquet(folder: Path, name: str, data: bytes) -> pd.DataFrame | None:
    """Return the rows of a Parquet file if they write the bytes of the CSV file beside it.

    What is read from those bytes are the same rows then, and reading text is what takes long.
    """
    table = file_contract(name)
    try:
        frame = table.conform(pq.read_table(folder / f"tables/{name}.parquet").to_pandas())
    except (OSError, ContractError, ValueError):
        return None
    return frame if csv_bytes(frame) == data else None


def _same_as_parquet(folder: Path, name: str, frame: pd.DataFrame) -> Iterator[Problem]:
    where = f"tables/{name}.parquet"
    try:
        other = pq.read_table(folder / where).to_pandas()
        pd.testing.assert_frame_equal(file_contract(name).conform(other), frame)
    except (OSError, ContractError, ValueError) as error:
        yield Problem(where, f"cannot be read: {error}", ORIGINAL)
    except AssertionError:
        yield Problem(where, f"differs from {name}.csv", ORIGINAL)


def _custody(folder: Path) -> Iterator[Problem]:
    path = folder / CUSTODY
    if path.is_file():
        yield from check_chain(path.read_bytes())
    else:
        yield Problem(CUSTODY, "the custody log is missing", ORIGINAL)


def _crate(folder: Path) -> Iterator[Problem]:
    try:
        listed = described((folder / CRATE).read_bytes())
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Problem(CRATE, f"cannot be read: {error}", ORIGINAL)
        return
    there = set(files(folder)) - {CRATE}
    for name in sorted(there ^ set(listed)):
        state = "is not described" if name in there else "is described and missing"
        yield Problem(CRATE, f"{name} {state}", ORIGINAL)
    for name in sorted(there & set(listed)):
        if sha256((folder / name).read_bytes()) != listed[name]:
            yield Problem(CRATE, f"{name} has another hash than described", ORIGINAL)


def _links(tables: dict[str, pd.DataFrame]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, frame in tables.items():
        for identifier in frame["row_id"]:
            if identifier in seen:
                what = f"identifier {identifier} stands in {seen[identifier]} too"
                yield Problem(f"tables/{name}.csv", what, ORIGINAL, field="row_id")
            seen[identifier] = name


def _restricted(folder: Path, restricted: Path) -> Iterator[Problem]:
    if not (restricted / RECORDS).is_file():
        yield Problem(restricted.name, f"holds no {RECORDS}", "Name the restricted tree of the run")
        return
    for problem in check_manifest(restricted):
        yield Problem(f"restricted {problem.where}", problem.what, problem.remedy, problem.row)
    stated = _stated(folder)
    if stated != sha256((restricted / RECORDS).read_bytes()):
        what = "is not the table whose hash the public custody log states"
        yield Problem(f"restricted {RECORDS}", what, "Name the restricted tree of the same run")
    if restricted.stat().st_mode & 0o077:
        yield Problem(restricted.name, "others may read the restricted tree", "chmod 0700 it")
    yield from leaks(folder, secrets(restricted))


def _stated(folder: Path) -> str:
    try:
        last = (folder / CUSTODY).read_text("utf-8").splitlines()[-1]
        return str(json.loads(last)["sha256"])
    except (OSError, ValueError, KeyError, IndexError, UnicodeDecodeError):
        return ""
