"""The airglow: the march through its tables, over the limb map or over every pixel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.gpu import ShaderLibrary, Target
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.gpu.targets import Steps, off_power_of_two
from earthlimb.passes.airglow_tables import ONES, AirglowTables, Factors
from earthlimb.physics.limb_map import LimbMap

Response = NDArray[np.float64] | None
"""(6, 4) channels per rayleigh to fold the emissions into, or None to keep them apart."""
LASTING_KM = 1.0
"""Change of the eye's height or of the ground's below it, 30 to 60 s of flight, for which a moving view reads one map:
its limb is within 0.25 % of the brightest part, the dark sky beside the sunlit edge within a fifth."""
MARGIN_COLUMNS, MARGIN_ROWS, FINE_MARGIN_ROWS = 8, 24, 192
"""10 degrees of azimuth and 10 km of tangent height at the layers, before a turning view needs another map."""

_ROWS_A_STEP, _ROWS_A_STEP_BY_ROWS = 48, 8
"""Rows of the map marched in one piece beside a moving view, by midpoints and from row to row of the tables: 5 ms of
llvmpipe."""


def limb_map_uniforms(limb_map: LimbMap) -> dict[str, object]:
    """Values of the uniforms in interface/limb_map.glsl."""
    return {
        "limb_centre": (np.cos(limb_map.centre_rad), np.sin(limb_map.centre_rad), limb_map.per_rad, 0.0),
        "limb_size": (limb_map.n_columns, limb_map.n_rows, 0.0, 0.0),
        "limb_z_knots": limb_map.z_knots,
        "limb_z_rows": limb_map.z_rows,
        "limb_q_knots": limb_map.q_knots,
        "limb_q_rows": limb_map.q_rows,
    }


def _lasting(limb_map: LimbMap) -> LimbMap:
    """The map with its margin."""
    rows = FINE_MARGIN_ROWS if limb_map.fine else MARGIN_ROWS
    wide = limb_map.widened(MARGIN_COLUMNS, rows)
    one_more = off_power_of_two(wide.n_columns) - wide.n_columns
    return limb_map.widened(MARGIN_COLUMNS + one_more, rows)


_Piece = tuple[AirglowTables, dict[str, object], tuple[int, int], Response]
"""Tables, defines of passes/limb_map.frag, first and last row, and the response that the program folds with."""


def _pieces(tables: AirglowTables, limb_map: LimbMap, response: Response) -> list[_Piece]:
    """Which program marches which rows."""
    first, last = limb_map.row_range
    if response is None:
        return [(tables, {}, (first, last), None)]
    if not tables.folded:
        return [(tables, {"FOLD": 1}, (first, last), response)]
    air_first, air_last = limb_map.row_air
    return [
        (tables, {"FOLDED": 1}, (first, min(last, air_first - 1)), None),
        (tables, {"FOLD": 1}, (max(first, air_first), min(last, air_last)), response),
        (tables, {"FOLDED": 1}, (max(first, air_last + 1), last), None),
    ]


def _alike(a: AirglowTables, b: AirglowTables) -> bool:
    """Whether tables differ in nothing but factors."""
    return a.textures is b.textures and a.raised_km == b.raised_km


@dataclass
class _Held:
    """The map that moving views read.

    Attributes
    ----------
    tables : that it was marched through
    limb_map : with its margin
    six : its totals at factor 1, from which other factors are folded at once; None: the light is all there is
    factors : that the light holds; None: it is to be folded yet
    varied : whether one march has served several factors
    """

    tables: AirglowTables
    limb_map: LimbMap
    six: Target | None
    factors: Factors | None
    varied: bool = False

    def serves(self, tables: AirglowTables, limb_map: LimbMap) -> bool:
        has_factors = self.six is not None or self.factors == tables.factors
        return has_factors and _alike(self.tables, tables) and self.limb_map.covers(limb_map, LASTING_KM)


@dataclass
class _Begun:
    """A lasting map that takes several pictures' time to march."""

    tables: AirglowTables
    limb_map: LimbMap
    steps: Steps[Callable[[], None]]

    def of(self, tables: AirglowTables, limb_map: LimbMap) -> bool:
        same = _alike(self.tables, tables) and self.tables.factors == tables.factors
        return same and self.limb_map == limb_map


class LimbMapPass:
    """Marches the limb map: totals folded into response channels, or all six emissions in rayleigh.

    With `direct` every pixel of a picture marches instead: the reference, and the way for an eye below 200 km.

    Attributes
    ----------
    between : called between the pieces of a lasting map's march; where it raises, the next `run_lasting` of the same
        map goes on from there. None: it is marched in one piece, as a card does best.
    """

    def __init__(self, ctx: moderngl.Context, shaders: ShaderLibrary) -> None:
        self._ctx = ctx
        self._shaders = shaders
        self._target: Target | None = None
        self._held: _Held | None = None
        self._begun: _Begun | None = None
        self.between: Callable[[], None] | None = None

    def run_lasting(
        self, tables: AirglowTables, limb_map: LimbMap, response: Response
    ) -> tuple[LimbMap, tuple[moderngl.Texture, moderngl.Texture]]:
        """As `run`, for a view that moves: the map marched last is read again while it serves.

        It serves while the tables are the same, the picture lies on it and the eye is as high within
        LASTING_KM. A new one gets a margin. The map to look it up by is returned with the textures.

        Notes
        -----
        With factors that the folded tables do not hold the six totals are marched once and folded for each picture.
        """
        if self._held is None or not self._held.serves(tables, limb_map):
            if self.between is not None and response is not None:
                self._go_on(tables, limb_map, response, self.between)
            elif response is not None and self._keeps_six(tables):
                self._march_six(tables, _lasting(limb_map))
            else:
                wide = _lasting(limb_map)
                self.run(tables, wide, response)
                self._held = _Held(tables, wide, None, tables.factors)
        held = self._held
        assert held is not None and self._target is not None
        if held.factors != tables.factors:
            assert held.six is not None and response is not None
            self._fold(held, held.six, self._target, response, tables.factors)
        return held.limb_map.seen_from(limb_map), (self._target.textures[0], self._target.textures[1])

    def _keeps_six(self, tables: AirglowTables) -> bool:
        """Whether the next lasting map is marched as six totals: its factors are others than the tables', or change."""
        return not tables.folded or (self._held is not None and self._held.varied)

    def _go_on(
        self, tables: AirglowTables, limb_map: LimbMap, response: NDArray[np.float64], between: Callable[[], None]
    ) -> None:
        if self._begun is None or not self._begun.of(tables, limb_map):
            self._give_up()
            self._begun = _Begun(tables, limb_map, self.steps(tables, limb_map, response, lambda: None))
        while True:
            try:
                next(self._begun.steps)
            except StopIteration as end:
                self._begun = None
                end.value()
                return
            except BaseException:  # a program that is compiled later, say
                self._begun = None
                raise
            between()

    def run(
        self, tables: AirglowTables, limb_map: LimbMap, response: Response
    ) -> tuple[moderngl.Texture, moderngl.Texture]:
        """March the rows that the picture needs.

        Parameters
        ----------
        response : (6, 4) channels per rayleigh, or None for six separate totals

        Returns
        -------
        Two RGBA32F textures: (folded totals, nothing) with a response, else (first four emissions, last two).

        Notes
        -----
        Where the lower air dims the far leg each emission has its own transmission, so there the six are marched
        apart and folded afterwards. Elsewhere folding first gives the same for half the fetches.
        """
        size = (limb_map.n_columns, limb_map.n_rows)
        if self._target is None or self._target.size != size:
            self.release()
            self._target = self._new_target(size)
        self._let_go()
        self._target.use()
        for piece in _pieces(tables, limb_map, response):
            self._march(self._target, limb_map, *piece)
        self._target.fbo.scissor = (0, 0, *size)
        return self._target.textures[0], self._target.textures[1]

    def steps(
        self,
        tables: AirglowTables,
        limb_map: LimbMap,
        response: NDArray[np.float64],
        before: Callable[[], None],
    ) -> Steps[Callable[[], None]]:
        """March the lasting map of other tables a few rows at a time, while the former is still read.

        `before` binds the frame block that the march reads. What is returned puts the map in the former's place.
        """
        wide = _lasting(limb_map)
        six = self._keeps_six(tables)
        pieces = _pieces(tables.at(ONES, tables.raised_km), wide, None) if six else _pieces(tables, wide, response)
        target = self._new_target((wide.n_columns, wide.n_rows))
        at_once = _ROWS_A_STEP_BY_ROWS if tables.defines else _ROWS_A_STEP
        target.use()
        try:
            for of, defines, (first, last), own in pieces:
                for row in range(first, last + 1, at_once):
                    before()
                    target.use(clear=False)
                    self._march(target, wide, of, defines, (row, min(row + at_once - 1, last)), own)
                    self._ctx.finish()
                    yield
        except BaseException:  # given up half-way
            target.release()
            raise
        target.fbo.scissor = (0, 0, *target.size)
        return partial(self._put, tables, wide, target, six=six)

    def _march_six(self, tables: AirglowTables, wide: LimbMap) -> None:
        """March a lasting map's six totals in one piece."""
        target = self._new_target((wide.n_columns, wide.n_rows))
        target.use()
        for piece in _pieces(tables.at(ONES, tables.raised_km), wide, None):
            self._march(target, wide, *piece)
        target.fbo.scissor = (0, 0, *target.size)
        self._put(tables, wide, target, six=True)

    def _put(self, tables: AirglowTables, wide: LimbMap, target: Target, *, six: bool) -> None:
        """Take a map that was marched in the former's place."""
        self.release()
        if six:
            self._target = self._new_target(target.size)
            self._held = _Held(tables, wide, target, None)
        else:
            self._target = target
            self._held = _Held(tables, wide, None, tables.factors)

    def _fold(self, held: _Held, six: Target, light: Target, response: NDArray[np.float64], factors: Factors) -> None:
        """Fold a map's six totals with these factors."""
        program = self._shaders.program("passes/limb_fold", {"FOLD": 1})
        for unit, texture in enumerate(six.textures):
            texture.use(unit)
        rows = [tuple(row) for row in (response * np.array(factors)[:, None]).tolist()]
        set_uniforms(program, {"first": 0, "second": 1, "response": rows})
        light.use(clear=False)
        self._draw(program)
        held.varied, held.factors = held.factors is not None, factors

    def _new_target(self, size: tuple[int, int]) -> Target:
        """A map's target. All wrap around, also those whose margin keeps their ends apart: one kind of texture, for
        which a driver compiles once.
        """
        target = Target(self._ctx, size, 2, linear=True)
        for texture in target.textures:
            texture.repeat_x = True
        return target

    def _march(
        self,
        target: Target,
        limb_map: LimbMap,
        tables: AirglowTables,
        defines: dict[str, object],
        rows: tuple[int, int],
        response: Response,
    ) -> None:
        if rows[1] < rows[0]:
            return
        program = self._shaders.program("passes/limb_map", defines | tables.defines)
        tables.bind(program)
        set_uniforms(program, limb_map_uniforms(limb_map))
        if response is not None:
            set_uniforms(program, {"response": [tuple(row) for row in response]})
        target.fbo.scissor = (0, rows[0], limb_map.n_columns, rows[1] - rows[0] + 1)
        self._draw(program)

    def _draw(self, program: moderngl.Program) -> None:
        vertices = self._ctx.vertex_array(program, [])
        vertices.render(vertices=3)
        vertices.release()

    def direct(self, tables: AirglowTables, target: Target, response: Response) -> None:
        """March every pixel of `target` (two textures): folded totals, or six separate ones, as in `run`."""
        program = self._shaders.program(
            "passes/airglow_direct", tables.defines | ({"FOLD": 1} if response is not None else {})
        )
        tables.bind(program)
        if response is not None:
            set_uniforms(program, {"response": [tuple(row) for row in response]})
        target.use()
        self._draw(program)

    def _give_up(self) -> None:
        """Free a map that is begun."""
        if self._begun is not None:
            self._begun.steps.close()
            self._begun = None

    def _let_go(self) -> None:
        """Forget what moving views read: its target is drawn over."""
        self._give_up()
        if self._held is not None and self._held.six is not None:
            self._held.six.release()
        self._held = None

    def release(self) -> None:
        """Free the map, and one that is begun."""
        self._let_go()
        if self._target is not None:
            self._target.release()
            self._target = None
