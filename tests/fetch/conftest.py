from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from flows.fetch import Ways, resolve
from flows.fetch.http_policy import HttpPolicy
from flows.fetch.vault import Vault
from flows.fetch.web import Web

ROWS = "".join(
    f'"24-{i:05d}","Unidentified","male","","2010-0{1 + i % 9}-11","Private","","GPS Coordinate '
    f'(precise to within ca. 300ft./100m)","7","San Miguel","Exposure","","1","","< 1 day",'
    f'"Arizona","Pima","{31.6 + i / 1000:.6f}","-111.7","0","0"\n'
    for i in range(300)
)
HEADER = (
    '"ML Number","Name","Sex","Age","Reporting Date","Surface Management","Location",'
    '"Location Precision","Corridor Code","Corridor","Cause of Death","OME Determined COD",'
    '"Condition Code","Body Condition","Post Mortem Interval","State","County","Latitude",'
    '"Longitude","UTM X","UTM Y"\n'
)


@pytest.fixture(scope="session")
def deaths_csv():
    """Made-up records in the publisher's layout."""
    return (HEADER + ROWS.replace('"0","0"', '"",""')).encode()


@pytest.fixture
def manners():
    return HttpPolicy(
        pause_s=0,
        tries=3,
        backoff_s=0.001,
        timeout_s=0.5,
        patience_s=0.5,
        slowest_byte_s=5_000,
        large_mb=0.01,
        trusted_hosts=frozenset({"127.0.0.1"}),
    )


@pytest.fixture
def web(manners):
    said: list[str] = []
    with Web(manners, said.append, sleep=lambda _s: None) as one:
        one.said = said
        yield one


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "vault")


@pytest.fixture
def clock():
    """Go on by an hour each time it is looked at."""
    start = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    ticks = iter(range(10_000))
    return lambda: start + dt.timedelta(hours=next(ticks))


@pytest.fixture(scope="session")
def ramp():
    """Bytes of a GeoTIFF over lon -112..-111, lat 31..32: elevation rises to the north."""
    from rasterio.io import MemoryFile
    from rasterio.transform import from_origin

    side = 600
    values = np.repeat(np.linspace(2000, 100, side, dtype=np.float32)[:, None], side, axis=1)
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            height=side,
            width=side,
            count=1,
            dtype="float32",
            crs="EPSG:4326",
            transform=from_origin(-112, 32, 1 / side, 1 / side),
            tiled=True,
            blockxsize=128,
            blockysize=128,
        ) as out:
            out.write(values, 1)
        return memory.read()


@pytest.fixture
def ask(vault, manners, clock):
    def ask(one, *, offline=False, folder=None, catalogue=None, refresh=False, vault=vault):
        said: list[str] = []
        ways = Ways(refresh, said.append, catalogue or {}, manners)
        found = resolve(
            one, vault, offline=offline, local_data=folder, study_folder=None, clock=clock,
            progress=lambda *_: None, ways=ways,
        )  # fmt: skip
        return found, said

    return ask
