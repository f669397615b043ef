"""Layer styles for QGIS (QML) and anything else (SLD 1.0), from one table of colours."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from geo.records import CLASS_LABELS

CLASS_COLOURS = dict(
    zip(CLASS_LABELS, ("#f7f7f7", "#fdd9b4", "#f4a259", "#c8553d", "#6b1d2f"), strict=True)
)
"""Sequential, told apart in greyscale and by colour-blind readers; dark is more."""


@dataclass(frozen=True)
class Style:
    """How a layer is drawn: its geometry, the column it is coloured by, and value = colour."""

    geometry: str
    column: str
    colours: dict[str, str]
    outline: str = "#4a4a4a"


STYLES = {
    "deaths_by_cell_block": Style("polygon", "deaths_class", CLASS_COLOURS),
    "towers": Style(
        "point",
        "status",
        {
            "deployed": "#1f3a4d",
            "planned": "#9fb7c6",
            "cancelled": "#d9d9d9",
            "replaced": "#6c8ea3",
            "test": "#b8a2c8",
        },
    ),
    "zones": Style("polygon", "", {"": "#ffffff"}, outline="#17456b"),
    "sites": Style("point", "", {"": "#7f6a00"}),
    "corridors": Style("polygon", "", {"": "#ffffff"}, outline="#1f3a4d"),
}
"""Layer = style."""


def qml(name: str) -> str:
    """Return the QGIS style of a layer."""
    style = STYLES[name]
    symbols = "".join(_symbol(style, i, colour) for i, colour in enumerate(style.colours.values()))
    if style.column:
        kind = f'type="categorizedSymbol" attr={quoteattr(style.column)}'
        entries = "".join(
            f'<category render="true" value={quoteattr(v)} symbol="{i}" label={quoteattr(v)}/>'
            for i, v in enumerate(style.colours)
        )
        body = f"<categories>{entries}</categories>"
    else:
        kind, body = 'type="singleSymbol"', ""
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.28.0" styleCategories="Symbology">'
        f'<renderer-v2 {kind} forceraster="0" symbollevels="0" enableorderby="0">'
        f"{body}<symbols>{symbols}</symbols></renderer-v2>"
        f"<layerGeometryType>{0 if style.geometry == 'point' else 2}</layerGeometryType></qgis>"
    )


def sld(name: str, layer: str = "") -> str:
    """Return the Styled Layer Descriptor of a layer, or of another that looks like it."""
    style = STYLES[name]
    rules = "".join(_rule(style, value, colour) for value, colour in style.colours.items())
    return (
        '<StyledLayerDescriptor version="1.0.0" xmlns="http://www.opengis.net/sld" '
        'xmlns:ogc="http://www.opengis.net/ogc"><NamedLayer>'
        f"<Name>{escape(layer or name)}</Name><UserStyle><FeatureTypeStyle>{rules}"
        "</FeatureTypeStyle></UserStyle></NamedLayer></StyledLayerDescriptor>"
    )


def _symbol(style: Style, number: int, colour: str) -> str:
    if style.geometry == "point":
        kind, layer = "marker", "SimpleMarker"
        options = {"name": "circle", "size": "2.6", "size_unit": "MM"}
    else:
        kind, layer = "fill", "SimpleFill"
        options = {"style": "solid" if style.column else "no"}
    options |= {
        "color": _rgba(colour, 255 if style.geometry == "point" else 200),
        "outline_color": _rgba(style.outline, 255),
        "outline_width": "0.2",
        "outline_width_unit": "MM",
    }
    entries = "".join(
        f'<Option type="QString" name="{k}" value="{v}"/>' for k, v in sorted(options.items())
    )
    return (
        f'<symbol type="{kind}" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" enabled="1" pass="0" locked="0">'
        f'<Option type="Map">{entries}</Option></layer></symbol>'
    )


def _rule(style: Style, value: str, colour: str) -> str:
    where = (
        "<ogc:Filter><ogc:PropertyIsEqualTo>"
        f"<ogc:PropertyName>{escape(style.column)}</ogc:PropertyName>"
        f"<ogc:Literal>{escape(value)}</ogc:Literal></ogc:PropertyIsEqualTo></ogc:Filter>"
        if style.column
        else ""
    )
    fill = f'<Fill><CssParameter name="fill">{colour}</CssParameter></Fill>'
    stroke = f'<Stroke><CssParameter name="stroke">{style.outline}</CssParameter></Stroke>'
    if style.geometry == "point":
        mark = f"<Mark><WellKnownName>circle</WellKnownName>{fill}{stroke}</Mark>"
        symbol = f"<PointSymbolizer><Graphic>{mark}<Size>8</Size></Graphic></PointSymbolizer>"
    else:
        inside = fill if style.column else ""
        symbol = f"<PolygonSymbolizer>{inside}{stroke}</PolygonSymbolizer>"
    return f"<Rule><Name>{escape(value or style.geometry)}</Name>{where}{symbol}</Rule>"


def _rgba(colour: str, alpha: int) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{alpha}"
