"""Evidence: public tables under the floors, the bundle, and the way back from every number."""

from geo.evidence.bundle import write_bundle
from geo.evidence.differences import Comparison, Difference, compare, diff
from geo.evidence.explain import Explanation, explain
from geo.evidence.findings import Findings
from geo.evidence.page import index_page
from geo.evidence.restricted import write_restricted
from geo.evidence.revisions import isolated, open_trees, withheld
from geo.evidence.tables import lineage, public_tables
from geo.evidence.verify import verify

__all__ = [
    "Comparison",
    "Difference",
    "Explanation",
    "Findings",
    "compare",
    "diff",
    "explain",
    "index_page",
    "isolated",
    "lineage",
    "open_trees",
    "public_tables",
    "verify",
    "withheld",
    "write_bundle",
    "write_restricted",
]
