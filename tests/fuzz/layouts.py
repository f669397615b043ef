"""One small made-up file of every layout that a reader knows."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import rasterio
import xarray as xr
from rasterio.transform import from_origin
from shapely.geometry import LineString, Point, box

OGIS = (
    "ML Number,Name,Sex,Age,Reporting Date,Surface Management,Location Precision,Corridor,"
    "Cause of Death,Post Mortem Interval,Latitude,Longitude,UTM X,UTM Y"
)
PLACED = "GPS Coordinate (precise to within ca. 300ft./100m)"


@dataclass(frozen=True)
class Layout:
    """A file, and how the project reads it: role of a source, or climate, raster or study."""

    name: str
    content: bytes
    role: str
    columns: dict[str, str] = field(default_factory=dict)


def every(folder: Path) -> list[Layout]:
    """Make all layouts; `folder` is scratch."""
    ogis = _csv(OGIS, _death)
    form = Path("data/towers/form.csv").read_text("utf-8").splitlines()[0]
    towers = _csv(form, _tower)
    kml = _kml()
    return [
        Layout("ogis.csv", ogis, "deaths"),
        Layout("ogis_mdy.csv", _csv(OGIS, lambda n: _death(n, f"{n}/2{n % 8}/2010")), "vintage"),
        Layout("ogis.xlsx", _xlsx(ogis), "deaths"),
        Layout("ogis.zip", _zip({"a.csv": ogis}), "deaths"),
        Layout("ogis_utf16.csv", ogis.decode().encode("utf-16"), "deaths"),
        Layout("mapped.csv", _mapped(), "deaths", {"found_on": "day", "persons": "count"}),
        Layout("iom.csv", _iom(), "crosscheck"),
        Layout("iom_deaths.csv", _iom(), "deaths"),
        Layout("iom.json", _iom_json(), "crosscheck"),
        Layout("fcc.csv", _fcc(), "infrastructure"),
        Layout("covariates.csv", _covariates(), "covariates"),
        Layout("towers.csv", towers, "towers"),
        Layout("towers.xlsx", _xlsx(towers), "towers"),
        Layout("towers.kml", kml, "towers"),
        Layout("towers.kmz", _zip({"doc.kml": kml}), "towers"),
        Layout("towers_esri.json", _esri(), "towers"),
        Layout("towers.geojson", _points(folder), "towers"),
        Layout("zones.geojson", _zones(), "zones"),
        Layout("border.geojson", _border(folder, "GeoJSON"), "border"),
        Layout("roads.gpkg", _border(folder, "GPKG"), "roads"),
        Layout("roads.zip", _shapefile(folder), "roads"),
        Layout("places.geojson", _points(folder), "places"),
        Layout("corridors.geojson", _corridors(folder), "corridors"),
        Layout("daymet.csv", _daymet(), "climate"),
        Layout("tower_days.txt", _ameriflux(), "climate"),
        Layout("airport.csv", _airport(), "climate"),
        Layout("vic.nc", _vic(folder), "climate"),
        Layout("heights.tif", _tiff(folder), "raster"),
        Layout("N31W112.hgt", np.zeros((1201, 1201), ">i2").tobytes(), "raster"),
        Layout("gridmet.nc", _gridmet(folder), "raster"),
        Layout("study.toml", _study(), "study"),
    ]


def _csv(header: str, row: Callable[[int], str], rows: int = 8) -> bytes:
    return "\n".join([header, *(row(n) for n in range(1, rows + 1)), ""]).encode()


def _death(n: int, day: str = "") -> str:
    day = day or f"2010-07-{n:02d}"
    return (
        f"10-{n:05d},Unidentified,male,{20 + n},{day},Private,{PLACED},San Miguel,Exposure,"
        f"< 1 day,31.{n},-111.{n},,"
    )


def _mapped() -> bytes:
    return _csv("day,latitude,longitude,count", lambda n: f"2012-03-{n:02d},31.{n},-111.{n},{n}")


def _tower(n: int) -> str:
    return f"T{n},IFT,deployed,31.{n},-111.{n},100,{40 + n},12000,2015-0{n},,,Report {n},2"


def _iom() -> bytes:
    header = (
        "Web ID,Reported Date,Total Dead and Missing,Cause of Death,Region of Incident,"
        "Migration Route,Information Source,Source Quality,Location Coordinates,Reported Year,"
        "Number Dead,Location Description,URL"
    )
    return _csv(
        header,
        lambda n: (
            f'2015.MMUS{n:04d},"August {n:02d}, 2015",{n},Exposure,US-Mexico Border,'
            f'US-Mexico border crossing,Pima County,{n % 5},"31.{n}, -111.{n}",2015,{n},Desert,'
        ),
    )


def _iom_json() -> bytes:
    rows = [
        {
            "web_id": f"2015.MMUS{n}", "reported_date": f"2015-08-{n:02d}",
            "total_dead_and_missing": n, "cause_death": "Drowning", "region": "US-Mexico Border",
            "migration_route": "US-Mexico border crossing", "information_source": "Consulate",
            "source_quality": 3, "location_coodinates": f"POINT (-111.{n} 31.{n})",
            "number_dead": n, "location_description": "River", "url": None,
        }
        for n in range(1, 9)
    ]  # fmt: skip
    return json.dumps(rows).encode()


def _fcc() -> bytes:
    header = (
        "radio_service_desc,lic_name,entity_type_desc,grant_date,expired_date,lat,long,"
        "license_id,source_system,callsign,rollup_entity_desc,hgt_structure,ground_elevation,frequency_assigned,loc_lat_deg,loc_long_deg"
    )
    rest = "," * 9
    return _csv(
        header,
        lambda n: f"Cellular,Operator {n},L,01/0{n}/2010,01/0{n}/2020,31.{n},-111.{n}" + rest,
    )


def _covariates() -> bytes:
    return _csv(
        "corridor,year,name,value,citation", lambda n: f"A,{2000 + n},agents,{n * 10},p. {n}"
    )


def _xlsx(table: bytes) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in table.decode().splitlines():
        sheet.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _kml() -> bytes:
    marks = "".join(
        f"<Placemark><name>T{n}</name><ExtendedData><Data name='status'><value>deployed</value>"
        f"</Data></ExtendedData><Point><coordinates>-111.{n},31.{n},0</coordinates></Point>"
        "</Placemark>"
        for n in range(1, 7)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Folder><name>IFT</name>{marks}</Folder></Document></kml>"
    ).encode()


def _esri() -> bytes:
    features = [
        {"attributes": {"OBJECTID": n, "status": "deployed", "installed": 1420070400000 + n},
         "geometry": {"x": -111 - n / 10, "y": 31 + n / 10}}
        for n in range(1, 7)
    ]  # fmt: skip
    whole = {"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326}}
    return json.dumps({**whole, "features": features}).encode()


def _written(frame: gpd.GeoDataFrame, folder: Path, driver: str) -> bytes:
    path = folder / f"made.{driver.lower()}"
    path.unlink(missing_ok=True)
    frame.to_file(path, driver=driver, engine="pyogrio")
    return path.read_bytes()


def _points(folder: Path) -> bytes:
    table = {"name": [f"N{n}" for n in range(6)], "status": "deployed", "installed": "2010-05-01"}
    shapes = [Point(-111 - n / 10, 31 + n / 10) for n in range(6)]
    return _written(gpd.GeoDataFrame(table, geometry=shapes, crs=4326), folder, "GeoJSON")


def _lines() -> gpd.GeoDataFrame:
    shapes = [LineString([(-111 - n, 31), (-112 - n, 31.2)]) for n in range(4)]
    days = pd.to_datetime(["2010-01-01"] * 4)
    return gpd.GeoDataFrame({"kind": "road", "made": days}, geometry=shapes, crs=4326)


def _border(folder: Path, driver: str) -> bytes:
    return _written(_lines(), folder, driver)


def _shapefile(folder: Path) -> bytes:
    _lines().drop(columns="made").to_file(folder / "lines.shp", engine="pyogrio")
    return _zip({p.name: p.read_bytes() for p in sorted(folder.glob("lines.*"))})


def _corridors(folder: Path) -> bytes:
    shapes = [box(-112 + n, 31, -111 + n, 32) for n in range(3)]
    table = {"corridor": [f"C{n}" for n in range(3)]}
    return _written(gpd.GeoDataFrame(table, geometry=shapes, crs=4326), folder, "GeoJSON")


def _zones() -> bytes:
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-111 - n / 10, 31.3]},
         "properties": {
            "zone_id": f"Z{n}", "name": f"Place {n}", "programme": "IFT", "span_low_km": 20,
            "span_high_km": 40, "depth_low_km": 10, "depth_high_km": 30, "shift_km": 5,
            "active_from_earliest": "2010-01", "active_from_latest": "2011", "active_to_latest": "",
            "citation": "Report, p. 3", "extent": "assumed", "confirmations": 1}}
        for n in range(1, 5)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _daymet() -> bytes:
    head = "Latitude: 32.1  Longitude: -110.9\nX & Y: 1 2\nElev: 700\n"
    table = _csv(
        "year,yday,tmax (deg c),tmin (deg c),vp (Pa)", lambda n: f"2010,{n * 28 - 10},35,20,900", 13
    )
    return head.encode() + table


def _ameriflux() -> bytes:
    rows = []
    for n in range(1, 13):
        row = [2010, n, 15, 0, 35, 20, 28, 300, 0, 40, 0, 2, *([0] * 21)]
        rows.append(" ".join(map(str, row)))
    return "\n".join(rows).encode()


def _airport() -> bytes:
    return _csv(
        "date,actual_min_temp,actual_max_temp", lambda n: f"2014-{n}-1,{60 + n},{90 + n}", 12
    )


def _vic(folder: Path) -> bytes:
    time = pd.DatetimeIndex(
        [f"2010-{m:02d}-15 {h:02d}" for m in range(1, 13) for h in (0, 6, 12, 18)]
    )
    shape = (len(time), 2, 2)
    level = {"temp": 20, "vapor_pressure": 1, "wind": 2, "shortwave": 200}
    values = {n: (("time", "lat", "lon"), np.full(shape, v, "f4")) for n, v in level.items()}
    data = xr.Dataset(values, coords={"time": time, "lat": [31.1, 31.2], "lon": [-111.2, -111.1]})
    data.to_netcdf(folder / "vic.nc", engine="netcdf4")
    return (folder / "vic.nc").read_bytes()


def _gridmet(folder: Path) -> bytes:
    values = np.arange(100, dtype="i2").reshape(10, 10)
    lat, lon = np.linspace(32, 31, 10), np.linspace(-112, -111, 10)
    data = xr.Dataset({"elevation": (("lat", "lon"), values, {"units": "meters"})},
                      coords={"lat": lat, "lon": lon})  # fmt: skip
    data.to_netcdf(folder / "gridmet.nc", engine="netcdf4")
    return (folder / "gridmet.nc").read_bytes()


def _tiff(folder: Path) -> bytes:
    path = folder / "made.tif"
    profile = {"driver": "GTiff", "width": 40, "height": 30, "count": 1, "dtype": "int16",
               "crs": "EPSG:32612", "transform": from_origin(400_000, 3_500_000, 90, 90),
               "nodata": -32768, "compress": "deflate"}  # fmt: skip
    with rasterio.open(path, "w", **profile) as out:
        out.write(np.arange(1200, dtype="i2").reshape(1, 30, 40))
    return path.read_bytes()


def _study() -> bytes:
    return b"""
name = "small"
title = "Small"
as_of = 2026-01-01
seed = 1
crs = "EPSG:32612"
bounds_lonlat = [-112.0, 31.3, -111.0, 32.0]
pre_tower = [2000-10-01, 2006-10-01]
walkers = ["adult"]

[grid]
resolution_m = 500

[movement]
theta = 0.2

[privacy]
closed_months = 24

[[periods]]
id = "before"
label = "Before"
start = 2000-10-01
end = 2006-10-01

[[sources]]
id = "deaths"
role = "deaths"
file = "records.csv"

[[tower_dates]]
programme = "ift"
interval = "2015/2016"
polygon = [[-111.5, 31.4], [-111.2, 31.4], [-111.2, 31.6]]
citation = "Report, p. 3"
"""
