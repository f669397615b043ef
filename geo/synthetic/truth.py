"""What is true of a made-up study, in plain numbers: what an estimate should find."""

from __future__ import annotations

import math
from typing import Any

from geo import funnel
from geo.study import Study, stream
from geo.synthetic.death_file import EARLIER_ROWS, broken
from geo.synthetic.deaths import draw, last_day
from geo.synthetic.ground_truth import GroundTruth, world
from geo.synthetic.landscape import plan
from geo.synthetic.towers import treatment


def truth(study: Study, made_up: GroundTruth | None = None) -> dict[str, Any]:
    """Return what a made-up study was made from.

    Parameters
    ----------
    study
        A study with a `synthetic` part.
    made_up
        Its world, where it is at hand already.

    Returns
    -------
    dict
        `rate_ratio`, `log_ratio` (the planted effect); `mechanism` ("displacement" or "none");
        `bin_scores` (H of each bin); `programmes` (corridor = programme, true start, range);
        `never_treated`; `dose` (corridor = year = dose, where not 0); `deaths_expected`;
        `deaths` (drawn), `rows` (of deaths.csv), `offices` (placeholder rows), `earlier_rows`
        (reported before the first period), `broken` (kind = rows) and `towers` (status = rows).

    Raises
    ------
    StudyError
        If the study has no synthetic part, or the strip does not fit into its bounds.

    Examples
    --------
    >>> from geo import examples, synthetic
    >>> found = synthetic.truth(examples.made_up_strip(), examples.made_up_world())
    >>> found["rate_ratio"], found["mechanism"]
    (4.0, 'displacement')
    """
    made_up = made_up or world(study)
    drawn = draw(made_up, stream(study.seed, "synthetic deaths"))
    reported = drawn.recorded["found_on"] <= last_day(made_up)
    treated = treatment(study)
    ratio = plan(study).rate_ratio
    faults = broken()
    return {
        "rate_ratio": ratio,
        "log_ratio": math.log(ratio),
        "mechanism": "none" if ratio == 1.0 else "displacement",
        "bin_scores": [float(h) for h in funnel.bin_scores(study.inference.bins)],
        "programmes": {
            name: {"programme": p.name, "start": p.start.isoformat(), "range_m": p.range_m}
            for name, p in treated.items()
        },
        "never_treated": [n for n in made_up.labels.attrs["names"] if n not in treated],
        "dose": {
            str(row["corridor"].item()): {
                int(y): float(d) for y, d in zip(row["year"].values, row.values, strict=True) if d
            }
            for row in made_up.dose
        },
        "deaths_expected": float(made_up.expected.sum()),
        "deaths": len(drawn.truth),
        "rows": int(reported.sum()) + sum(faults.values()),
        "offices": int((drawn.recorded["precision"][reported] == "office").sum()),
        "earlier_rows": EARLIER_ROWS,
        "broken": faults,
        "towers": {str(k): int(v) for k, v in made_up.towers["status"].value_counts().items()},
    }
