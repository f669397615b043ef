"""Evidence: public tables under the floors, the bundle, and the way back from every number."""

from geo.evidence.bundle import write_bundle
from geo.evidence.checks.differences import Difference, diff
from geo.evidence.checks.explain import Explanation, explain
from geo.evidence.checks.revisions import isolated, open_trees, withheld
from geo.evidence.checks.row_comparison import BundleComparison, compare
from geo.evidence.checks.verify import foreign, verify
from geo.evidence.custody.chain import MANIFEST, SIGNATURE, TIMESTAMP
from geo.evidence.custody.restricted import write_restricted
from geo.evidence.documents.index_page import index_page
from geo.evidence.documents.press_kit import in_language
from geo.evidence.tables.answer import Answer, answer
from geo.evidence.tables.finding import Finding, headline
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.places import located_share
from geo.evidence.tables.public import lineage, public_tables

__all__ = [
    "MANIFEST",
    "SIGNATURE",
    "TIMESTAMP",
    "Answer",
    "BundleComparison",
    "Difference",
    "Explanation",
    "Finding",
    "Findings",
    "answer",
    "compare",
    "diff",
    "explain",
    "foreign",
    "headline",
    "in_language",
    "index_page",
    "isolated",
    "lineage",
    "located_share",
    "open_trees",
    "public_tables",
    "verify",
    "withheld",
    "write_bundle",
    "write_restricted",
]
