"""Names of gates and analyses in Spanish; a test holds that none is missing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.parameters import load

_KNOWN = {name: entry.value for name, entry in load("inference").items()}
_BATTERY = {name: entry.value for name, entry in load("battery").items()}
_P = f"{_KNOWN['alpha']:g}".replace(".", ",")
_SURE = f"{100.0 * (1.0 - _KNOWN['alpha']):g}"
"""Display: percent of an interval, from the registered level."""

GATES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "permutation": (
            f"p de la permutación restringida de {_P} como mucho",
            "prueba de permutación",
        ),
        "interval": (
            f"el intervalo jackknife del {_SURE} % excluye que no haya efecto",
            "intervalo",
        ),
        "informative": (
            (
                f"intervalo no más ancho que un factor de {_KNOWN['largest_span']:g} y menor razón "
                f"detectable de {_KNOWN['largest_detectable']:g} como mucho, por unidad de dosis y "
                "con la cobertura alcanzada"
            ),
            "registros que permiten saberlo",
        ),
        "sign_as_recorded": (
            "el mismo signo con lugares y fechas tal como constan",
            "signo con lugares y fechas tal como constan",
        ),
        "sign_gps_only": (
            "el mismo signo solo con registros situados por GPS",
            "signo solo con registros de GPS",
        ),
        "block_permutation": (
            (
                f"p de {_P} como mucho al intercambiar programas enteros, con al menos "
                f"{_KNOWN['least_block_assignments']:g} intercambios posibles"
            ),
            "intercambio de programas enteros",
        ),
        "hard_out_of_view_rises": (
            "las muertes registradas en terreno duro fuera de la vista aumentan por sí mismas",
            "aumento en terreno duro fuera de la vista",
        ),
        "more_than_fewer_in_view": (
            (
                "las muertes registradas no solo disminuyen en terreno fácil a la vista mientras "
                "el terreno duro fuera de la vista queda igual"
            ),
            "algo más que una disminución a la vista",
        ),
        "route_model_validated": (
            (
                "el modelo de rutas predice los registros anteriores a las torres mejor que la "
                "distancia a la frontera y a las carreteras"
            ),
            "modelo de rutas frente a los registros anteriores a las torres",
        ),
        "search_did_not_tilt": (
            "los registros recientes y los óseos se movieron igual",
            "registros recientes y óseos por igual",
        ),
        "corridor_trends": (
            (
                "el intervalo excluye que no haya efecto con una tendencia lineal del gradiente en "
                "cada corredor"
            ),
            "intervalo con una tendencia en cada corredor",
        ),
        "pre_trends_flat": (
            "ningún movimiento antes de la primera dosis, a escala de la dosis alcanzada después",
            "sin movimiento antes de la primera dosis",
        ),
        "leave_one_out": (
            "el mismo signo sin cualquier corredor, año o programa",
            "signo sin cualquier corredor, año o programa",
        ),
        "placebo_dates": (
            (
                f"ningún efecto con fechas {' y '.join(map(str, _BATTERY['placebo_years']))} años "
                "anteriores"
            ),
            "silencio con fechas de placebo",
        ),
        "precision": (
            "el mismo signo por clase de precisión",
            "tamaño solo con registros de GPS",
        ),
        "placebo_towers": (
            "ningún efecto de torres de placebo emparejadas",
            "el resultado principal supera al de torres de placebo",
        ),
        "negative_controls": (
            "ningún efecto en muertes por vehículo, homicidio o ahogamiento",
            "silencio de los controles negativos",
        ),
        "detection_bound": (
            (
                f"la búsqueda tendría que inclinarse {_BATTERY['detection_factor']:g} veces más "
                "que la mayor inclinación que admiten los registros"
            ),
            "límite a una inclinación de la búsqueda",
        ),
        "controls_separable": (
            "la valla y los agentes, cada uno por la dureza, pueden separarse de la dosis",
            "valla y agentes separables de la dosis",
        ),
    }
)
"""Display: gate = what it asks, and its name in a sentence."""

ANALYSES: Mapping[str, str] = MappingProxyType(
    {
        "headline": "el resultado principal, lugares y fechas imputados, por unidad de dosis",
        "headline.at_reached_dose": "el resultado principal con la cobertura alcanzada",
        "headline.interval_scale": "por cuánto se multiplicó el error estándar del jackknife",
        "headline.mean_hardness": "el resultado principal como cambio de la dureza media",
        "headline.relocated_records": "el resultado principal como registros reubicados",
        "headline.as_recorded": "plan 1: lo mismo con los registros tal como constan",
        "headline.as_recorded.at_reached_dose": "plan 1 con la cobertura alcanzada",
        "headline.corridors": "trayectorias de dosis intercambiadas entre corredores",
        "headline.blocks": "trayectorias de dosis intercambiadas por programas enteros",
        "headline.one_sided": "secundario: p unilateral de la hipótesis enunciada",
        "headline.missing_information": "lo que cuestan los lugares y fechas inciertos",
        "parts.hard_out_of_view": "la primera parte: desplazamiento",
        "parts.easy_in_view": "la segunda parte: rescate o detención",
        "parts.hard_out_of_view.by_itself": (
            "la primera parte, desplazamiento, frente a otros corredores"
        ),
        "parts.easy_in_view.by_itself": (
            "la segunda parte, rescate o detención, frente a otros corredores"
        ),
        "parts.joint": "las dos partes a la vez",
        "between.share": "desplazamiento entre corredores (H3)",
        "between.relocated_records": "lo mismo como registros reubicados",
        "R1.corridor": "sin cualquier corredor",
        "R1.year": "sin cualquier año",
        "R1.batch": "sin cualquier programa",
        **{
            f"R2.placebo_{years}_years": f"con fechas {years} años anteriores"
            for years in _BATTERY["placebo_years"]
        },
        "R2.placebo_towers": "frente a conjuntos de torres de placebo en terreno comparable",
        "R3.negative_control_causes": "muertes en cuyo lugar no influye caminar",
        "R3.fresh": "registros hallados antes de una semana de la muerte",
        "R3.skeletal": "registros hallados tras semanas o meses",
        "R3.all_causes": "registros de cualquier causa",
        "R3.fresh_against_skeletal": "si la búsqueda se inclinó con la cobertura",
        "R4.gps": "solo registros situados por GPS",
        "R4.precision_by_year": "descontando la parte de lugares precisos",
        "R5.bins_*": "otros números de clases de dureza",
        "R5.slope_only": "dureza solo por pendiente",
        "R5.energy_only": "dureza solo por energía",
        "R5.remoteness_only": "dureza solo por lejanía",
        "R5.temperature": "dureza por temperatura",
        "R5.sign_by_component": "si los componentes de la dureza coinciden",
        "R6.cells_*": "dureza en celdas más gruesas",
        "R6.catchments": "cuencas de paso en lugar de corredores",
        "R7.range_*": "un mismo alcance para todas las torres",
        "R7.dates_*": "fechas de las torres en sus límites",
        "R7.zones_*": "zonas de programa en sus límites",
        "R7.area_weighted": "dosis por terreno en lugar de por movimiento",
        "R7.route_*": "dosis con otras versiones del modelo de rutas",
        "R7.*": "otras exposiciones que da el estudio",
        "R8.negative_binomial": "otra distribución de los recuentos",
        "R8.multinomial_logit": "un coeficiente para cada clase",
        "R8.smooth_space_by_period": "un gradiente que cambia suavemente a lo largo de la frontera",
        "R8.least_squares": "proporciones en lugar de recuentos",
        "R8.cells_conley_*": "celdas en lugar de corredores, errores por distancia",
        "neighbours.spill_over": (
            "si los registros se movieron con la cobertura de los corredores vecinos (supuesto A2)"
        ),
        "strata.power.*": "qué podría mostrar cada sistema de registro, antes de cualquier razón",
        "strata.alone.*": "cada sistema de registro por sí solo",
        "strata.without.*": "sin cualquier sistema de registro",
        "strata.heterogeneity": "si los sistemas de registro difieren más de lo que daría el azar",
        "monthly.fresh": "secundario: por mes, registros hallados antes de una semana",
        "monthly.dates_drawn": "por mes, todos los registros, fechas de muerte sorteadas",
        "R9.corridor_trends": "descontando una tendencia de cada corredor por la dureza",
        "R9.neighbours_dose": "descontando la dosis de los vecinos por la dureza",
        "R9.*": "descontando una covariable por la dureza",
        "R10.detection_bound": (
            "cuánto tendría que inclinarse la búsqueda para explicar el resultado principal"
        ),
        "R12.specification_curve": "todas las especificaciones defendibles, a la vez",
        "R13.*": "estados anteriores de los registros, y los de hoy hasta los mismos días",
        "R14.cyclic_shifts": "p frente a trayectorias de dosis desplazadas en el tiempo",
        "R14.random_dates": "p frente a fechas al azar de la primera cobertura",
        "window.*": "estudios recortados o aclarados por años",
        "land.*": "registros de una jurisdicción, y del resto",
        "zones.without_watched_before": "sin los corredores vigilados antes de la primera torre",
        "corridors.entered": "quién entra",
        "route_model": "si el modelo de rutas predice los registros anteriores a las torres",
        "S2.pre_trend": "movimiento antes de la primera dosis",
        "S2.years_*": "el gradiente por años desde la primera dosis",
        "S2.after.break_*": "su media si las tendencias pueden quebrarse",
        "S2.event_study": "lo mismo, donde no puede estimarse",
        "S3.*": "muertes frente a lugares sorteados del movimiento modelado",
        "S4.relative_risk*": "dónde cambió el patrón de los registros",
        "S4.clusters_of_residuals": "dónde los registros superan al movimiento modelado",
        "in_view.*.before*": "muertes a la vista, por torres, frente a los años anteriores",
        "in_view.*.routes*": "muertes a la vista, por torres, frente al movimiento modelado",
        "in_view.*.placebo*": "muertes a la vista, por torres, frente a torres de placebo",
        "in_view.all": "lo mismo, donde no se sabe qué estaba a la vista",
    }
)
"""Display: analysis, or family of them, as registered = its name for readers."""
