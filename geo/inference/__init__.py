"""From recorded deaths and tower coverage to an estimate, its uncertainty and one sentence.

The way through this room: `classify_ground` on pre-tower hardness, `build_panel`,
`primary`, the parts and checks around it, `claim`, and `estimates_table` for everything that is
printed anywhere.
"""

from geo.inference.analysis import Analysis, analyse
from geo.inference.estimation.rows import Estimate, estimates_table, parameters_hash
from geo.inference.panel.eligibility import PanelOptions
from geo.inference.panel.ground import classify_ground, place_records
from geo.inference.panel.panel import Panel, build_panel
from geo.inference.panel.tower_dates import draw_doses
from geo.inference.registered.claims import ALWAYS, ASSUMPTIONS, PLAN, Claim, claim
from geo.inference.registered.gates import GATES, Cap
from geo.inference.registered.headline import Headline, primary, relocation
from geo.inference.registered.imputation import ImputationOptions, Imputed, impute_panels
from geo.inference.registered.inputs import Inputs, InView, Variant
from geo.inference.registered.part_words import Parts, verdict
from geo.inference.registered.parts import between_corridors, displacement_or_rescue
from geo.inference.registered.pooling import Pooled, pool
from geo.inference.registered.registration import deviations, plan_hash, preregistration
from geo.inference.robustness.controls import fresh_against_skeletal
from geo.inference.robustness.vintages import vintage
from geo.inference.spatial.expectations import look

__all__ = [
    "ALWAYS",
    "ASSUMPTIONS",
    "GATES",
    "PLAN",
    "Analysis",
    "Cap",
    "Claim",
    "Estimate",
    "Headline",
    "ImputationOptions",
    "Imputed",
    "InView",
    "Inputs",
    "Panel",
    "PanelOptions",
    "Parts",
    "Pooled",
    "Variant",
    "analyse",
    "between_corridors",
    "build_panel",
    "claim",
    "classify_ground",
    "deviations",
    "displacement_or_rescue",
    "draw_doses",
    "estimates_table",
    "fresh_against_skeletal",
    "impute_panels",
    "look",
    "parameters_hash",
    "place_records",
    "plan_hash",
    "pool",
    "preregistration",
    "primary",
    "relocation",
    "verdict",
    "vintage",
]
