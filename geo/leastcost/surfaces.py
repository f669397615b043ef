"""Many surfaces of one land: looked over once, and brought up to date where ground gets dearer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import xarray as xr

from geo.errors import CostError
from geo.leastcost import dearer, path_accumulation, tree
from geo.leastcost.allocate import allocate
from geo.leastcost.driver import TileExecutor, tile_executor
from geo.leastcost.field import Field
from geo.leastcost.model import CostModel
from geo.leastcost.options import LeastCostOptions, Resources
from geo.leastcost.problem import CostProblem, make_problem
from geo.leastcost.results import dataset
from geo.leastcost.solve import Run
from geo.leastcost.store import TileStore
from geo.leastcost.tiles import Tile, TileHalo


@dataclass(frozen=True, eq=False)
class CostSurface:
    """An accumulated cost with its routes, from which dearer ground can be worked out.

    Attributes
    ----------
    found
        As `accumulate` returns it: `cost` and the quantities, (y, x).
    problem, stores, rims
        What was asked, where each raster lies, and the edges of its tiles.
    """

    found: xr.Dataset
    problem: CostProblem
    stores: Mapping[str, TileStore]
    rims: Mapping[str, Mapping[Tile, TileHalo]]


class Surfaces:
    """A cost model and quantities laid over a land, for any number of ends.

    Parameters
    ----------
    elevation, cost, options, quantities, run
        As for `accumulate`; `direction` is given for each surface. If surfaces are to be stored,
        `run.store_path` is the folder in which they lie.

    Raises
    ------
    GridError, CostError
        As for `accumulate`, as far as no source has a part in it.
    """

    def __init__(
        self,
        elevation: xr.DataArray,
        cost: CostModel,
        options: LeastCostOptions | None = None,
        *,
        quantities: Mapping[str, CostModel] | None = None,
        run: Resources | None = None,
    ) -> None:
        self.run, self.quantities = run or Resources(), dict(quantities or {})
        problem = make_problem(
            elevation, None, cost, options or LeastCostOptions(), self.quantities
        )
        with tile_executor(self.run) as executor:
            self._lay(Field(problem, self.run, executor), {}, executor)

    def _lay(self, field: Field, known: Mapping[int, Field], executor: TileExecutor) -> None:
        self.field = field.checked()
        self.others = beside(field, self.quantities, executor, known)

    def under(self, cost: CostModel) -> Surfaces:
        """Lay another cost over the same land, with the same quantities."""
        new = object.__new__(Surfaces)
        new.run, new.quantities = self.run, self.quantities
        known = {id(f.problem.model): f for f in (self.field, *self.others.values())}
        make_problem(self.field.problem.elevation, None, cost, self.field.problem.options)
        with tile_executor(self.run) as executor:
            new._lay(self.field.laid_under(cost, executor), known, executor)
        return new

    def accumulate(
        self,
        sources: xr.DataArray,
        direction: Literal["from", "to"],
        *,
        run: Resources | None = None,
    ) -> CostSurface:
        """Accumulate from, or to, the nearest source; `run` says where, if not as for the land."""
        posed = self.field.problem
        options = replace(posed.options, direction=direction)
        problem = make_problem(posed.elevation, sources, posed.model, options)
        run = run or self.run
        with tile_executor(run) as executor:
            return finish(Run(self.field, problem, run, executor, self.others), self.quantities)

    def only_dearer_than(self, before: Surfaces) -> bool:
        """Return whether this cost is nowhere cheaper than another and bars the same ground."""
        with tile_executor(self.run) as executor:
            try:
                dearer.touched(before.field, self.field, executor)
            except CostError:
                return False
        return True

    def renew(
        self, surface: CostSurface, before: Surfaces, *, run: Resources | None = None
    ) -> CostSurface:
        """Bring a surface up to date with this cost, which is nowhere cheaper than before.

        Parameters
        ----------
        surface
            Made by `before`.
        before
            The same land under a cost that is nowhere dearer.
        run
            Where to work, if not as for the land.

        Returns
        -------
        Surface
            The same bits as `accumulate` gives. Only cells whose route crosses dearer ground are
            found again: the labels of all others are carried by steps that cost what they did, and
            no other way to them became cheaper.

        Raises
        ------
        CostError
            If ground is cheaper somewhere, or is barred or opened.
        """
        run = run or self.run
        problem = replace(surface.problem, model=self.field.problem.model)
        with tile_executor(run) as executor:
            touched = dearer.touched(before.field, self.field, executor)
            flags = dearer.spoilt(surface, before.field, self.field, touched, executor)
            work = Run(
                self.field, problem, run, executor, self.others, dearer.Earlier(surface, flags)
            )
            return finish(work, self.quantities)


def beside(
    field: Field,
    quantities: Mapping[str, CostModel],
    executor: TileExecutor,
    known: Mapping[int, Field],
) -> dict[str, Field]:
    """Lay the models of quantities over a land; that of the cost itself needs nothing."""
    return {
        name: known.get(id(model)) or field.beside(model, executor, name)
        for name, model in quantities.items()
        if model is not field.problem.model
    }


def finish(work: Run, quantities: Mapping[str, CostModel]) -> CostSurface:
    """Visit, find the routes, add quantities up."""
    work.visit_all()
    routes = path_accumulation.Routes(work, work.others)
    path_accumulation.check(*routes.verify())
    routes.add_up()
    stores = {"cost": work.store, tree.STEP: routes.steps, **routes.stores}
    rims = {"cost": work.rims, **routes.rims_by_name()}
    same = {name: "cost" for name in quantities if name not in work.others}
    stores |= {name: stores[what] for name, what in same.items()}
    rims |= {name: rims[what] for name, what in same.items()}
    found = {name: stores[name].result() for name in ("cost", *quantities)}
    whole = dataset(work.problem, work.job.table, found)
    return CostSurface(whole, work.problem, stores, rims)


def solve(problem: CostProblem, run: Resources, quantities: Mapping[str, CostModel]) -> xr.Dataset:
    """Accumulate the cost of a checked problem, and quantities along its routes."""
    with tile_executor(run) as executor:
        field = Field(problem, run, executor)
        others = beside(field, quantities, executor, {})
        work = Run(field, problem, run, executor, others)
        if others:
            found = finish(work, quantities).found
        else:
            work.visit_all()
            work.certify()
            layers: dict[str, Any] = {"cost": work.store.result()}
            layers |= dict.fromkeys(quantities, layers["cost"])
            found = dataset(problem, work.job.table, layers)
        if problem.options.allocation:
            found = found.assign(
                allocation=dataset(
                    problem,
                    work.job.table,
                    {"cost": work.store.result(), "allocation": allocate(work)},
                )["allocation"]
            )
    return found
