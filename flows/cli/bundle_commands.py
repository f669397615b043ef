"""Commands about a bundle: check, sign, explain, compare and embed it."""

from __future__ import annotations

from pathlib import Path


def verify(
    run: str = "latest",
    /,
    *,
    restricted: Path | None = None,
    rerun: bool = False,
    signers: Path | None = None,
    authorities: Path | None = None,
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Check a bundle: hashes, custody chain, contracts, safeguards, signature, time stamp.

    Example: `funnel verify latest --restricted restricted/sample/0123456789ab --rerun`.

    Parameters
    ----------
    run
        A bundle's folder, the beginning of its id, or a study's name; the latest by default.
    restricted
        The restricted tree of the run.
    rerun
        Also compute the run again and compare; needs the restricted tree.
    signers
        Keys whose signature counts, in OpenSSH's format of allowed_signers.
    authorities
        Certificates of time-stamping authorities that count, PEM.
    json
        Print JSON.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.evidence import verify_bundle  # noqa: PLC0415
    from flows.workflow.rerun import rerun as again  # noqa: PLC0415

    return verify_bundle(
        run,
        restricted=restricted,
        rerun=rerun,
        signers=signers,
        authorities=authorities,
        as_json=json,
        out=out,
        again=again,
    )


def sign(run: str = "latest", /, *, key: Path, out: Path | None = None) -> int:
    """Sign a bundle's SHA256SUMS with an OpenSSH key.

    Example: `funnel sign latest --key ~/.ssh/id_ed25519`.

    Parameters
    ----------
    run
        A bundle's folder, the beginning of its id, or a study's name; the latest by default.
    key
        Private key; or the public one of a key that an agent or a device holds.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.seals import sign_bundle  # noqa: PLC0415

    return sign_bundle(run, key, out)


def timestamp(
    run: str = "latest",
    /,
    *,
    authority: str | None = None,
    request: Path | None = None,
    token: Path | None = None,
    out: Path | None = None,
) -> int:
    """Have an authority certify that a bundle's SHA256SUMS was there on a day (RFC 3161).

    Example: `funnel timestamp latest --authority https://freetsa.org/tsr`.

    Parameters
    ----------
    run
        A bundle's folder, the beginning of its id, or a study's name; the latest by default.
    authority
        Address of a time-stamping authority.
    request
        Write the request into this file, to carry it to an authority by hand.
    token
        An authority's answer to that request.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.seals import stamp_bundle  # noqa: PLC0415

    return stamp_bundle(run, authority=authority, request=request, token=token, out=out)


def explain(
    run: str,
    id: str,  # noqa: A002 - the word a user types
    /,
    *,
    restricted: Path | None = None,
    all: bool = False,  # noqa: A002 - the word a user types
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Trace one number or row back through every step to its source rows.

    Example: `funnel explain latest headline`.

    Parameters
    ----------
    run
        A bundle's folder, the beginning of its id, a study's name for its latest, or "latest".
    id
        One of the brief's numbers E1 to E6, the name of an analysis of `estimates`, or a row_id.
    restricted
        The restricted tree of the run, to see source rows.
    all
        List every constant with its source, not only the assumed ones of the last step.
    json
        Print JSON.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.evidence import explain_row  # noqa: PLC0415

    return explain_row(run, id, restricted=restricted, whole=all, as_json=json, out=out)


def diff(
    first: str,
    second: str,
    /,
    *,
    restricted: tuple[Path, Path] | None = None,
    json: bool = False,
    out: Path | None = None,
) -> int:
    """Say what changed between two runs.

    Example: `funnel diff 0123456789ab ba9876543210`.

    Parameters
    ----------
    first, second
        Bundles: folders or beginnings of ids.
    restricted
        Both restricted trees, to compare record by record.
    json
        Print JSON.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.evidence import diff_bundles  # noqa: PLC0415

    return diff_bundles(first, second, restricted=restricted, as_json=json, out=out)


def embed(run: str = "latest", /, *, url: str = "", lang: str = "", out: Path | None = None) -> int:
    """Print the iframe snippet of a run's map.

    Example: `funnel embed --url https://news.example/maps/ > snippet.html`.

    Parameters
    ----------
    run
        A bundle's folder, the beginning of its id, a study's name for its latest, or "latest".
    url
        Where you publish the map: the folder's address, or that of the embed itself.
    lang
        Language of the map, en or es; by default the study's.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.snippet import print_snippet  # noqa: PLC0415

    return print_snippet(run, url=url, lang=lang, out=out)


def history(study: str, /, *, json: bool = False, out: Path | None = None) -> int:
    """Show a study through all its runs: headline, records, revisions, sources.

    Also writes a table, a figure and a page that says what changed since, beside the bundles.
    Example: `funnel history arizona`.

    Parameters
    ----------
    study
        A study's name.
    json
        Print JSON, and write nothing.
    out
        Folder of the bundles, by default ./runs.
    """
    from flows.cli.history import show_history  # noqa: PLC0415

    return show_history(study, out=out, as_json=json)
