"""Evidence: public tables under the floors, the bundle, and the way back from every number."""

from geo.evidence.bundle import write_bundle
from geo.evidence.explain import Explanation, explain
from geo.evidence.findings import Findings
from geo.evidence.page import index_page
from geo.evidence.restricted import write_restricted
from geo.evidence.tables import lineage, public_tables
from geo.evidence.verify import verify

__all__ = [
    "Explanation",
    "Findings",
    "explain",
    "index_page",
    "lineage",
    "public_tables",
    "verify",
    "write_bundle",
    "write_restricted",
]
