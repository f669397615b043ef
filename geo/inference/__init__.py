"""From recorded deaths and tower coverage to an estimate, its uncertainty and one sentence.

The way through this room: `classify_ground` on pre-tower hardness, `build_panel`,
`primary`, the parts and checks around it, `claim`, and `estimates_table` for everything that is
printed anywhere.
"""

from geo.inference.battery import Analysis, analyse
from geo.inference.claims import ALWAYS, ASSUMPTIONS, GATES, Claim, claim
from geo.inference.controls import fresh_against_skeletal
from geo.inference.expectations import InView, look
from geo.inference.headline import Headline, primary, relocation
from geo.inference.imputation import ImputationOptions, Imputed, impute_panels
from geo.inference.inputs import Inputs, Variant
from geo.inference.panel import (
    Panel,
    PanelOptions,
    build_panel,
    classify_ground,
    place_records,
)
from geo.inference.parts import Parts, between_corridors, displacement_or_rescue, verdict
from geo.inference.pooling import Pooled, pool
from geo.inference.registration import deviations, plan_hash, preregistration
from geo.inference.rows import Estimate, estimates_table, parameters_hash
from geo.inference.tower_dates import draw_doses
from geo.inference.vintages import vintage

__all__ = [
    "ALWAYS",
    "ASSUMPTIONS",
    "GATES",
    "Analysis",
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
