"""The airglow: emission tables on the GPU and the march over the limb map or over every pixel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import ALT_HIGH_KM, ALT_HIGH_STEP_KM, ALT_LOW_KM, ALT_LOW_STEP_KM
from earthlimb.gpu import ShaderLibrary, Target, texture_from
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.gpu.targets import Steps, finished, off_power_of_two, sliced_texture_3d
from earthlimb.physics.limb_map import LimbMap
from earthlimb.world.emission_field import GRID_REACH, EmissionField

LOW_SAMPLES = 20
"""Midpoints a leg through 75-125 km: worst error 0.35 % of the local column (research: 32 hold 0.07 %) for the model's
smooth layers. A profile of the user's own is marched from row to row of its table instead (`EmissionField.rows`)."""
HIGH_SAMPLES = 10
"""Midpoints a leg through 130-600 km: 8 hold 0.2 % (measured in the trial)."""
LASTING_KM = 1.0
"""Change of the eye's height or of the ground's below it, 30 to 60 s of flight, for which a moving view reads one map:
its limb is within 0.25 % of the brightest part, the dark sky beside the sunlit edge within a fifth."""
MARGIN_COLUMNS, MARGIN_ROWS, FINE_MARGIN_ROWS = 8, 24, 192
"""10 degrees of azimuth and 10 km of tangent height at the layers, before a turning view needs another map."""

_ROWS_A_STEP, _ROWS_A_STEP_BY_ROWS = 48, 8
"""Rows of the map marched in one piece beside a moving view, by midpoints and from row to row of the tables: 5 ms of
llvmpipe."""

_UNIT = {
    "low_first": 0, "low_second": 1, "high_first": 2, "high_second": 3, "transmission": 4,
    "low_folded": 5, "high_folded": 6, "row_altitudes": 7,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class AirglowArrays:
    """A field's tables computed and ready to be uploaded; needs no GL.

    Attributes
    ----------
    field : EmissionField
    transmission : (2, n, 4) float32 of the far leg
    parts : (nodes, nodes, altitudes, 4) float32 by the names of AirglowTables.textures
    row_altitudes_km : (2, n) float32 of the low and the high table's rows, padded; None: the march is by midpoints
    """

    field: EmissionField
    transmission: NDArray[np.float32]
    parts: dict[str, NDArray[np.float32]]
    row_altitudes_km: NDArray[np.float32] | None

    @classmethod
    def of(
        cls, field: EmissionField, transmission: NDArray[np.float64], response: NDArray[np.float64] | None
    ) -> AirglowArrays:
        """Compute them; the arguments are those of `AirglowTables.upload`."""
        rows = np.zeros((2, len(transmission), 4), np.float32)
        rows[0], rows[1, :, :2] = transmission[:, :4], transmission[:, 4:]
        parts: dict[str, NDArray[np.float32]] = {}
        for name, table in (("low", field.low), ("high", field.high)):
            if field.rows is not None:
                table = table[:, :, field.rows[name == "high"]]
            parts[f"{name}_first"] = np.ascontiguousarray(table[..., :4])
            parts[f"{name}_second"] = np.pad(table[..., 4:], [(0, 0)] * 3 + [(0, 2)])
            if response is not None:
                parts[f"{name}_folded"] = table @ response.astype(np.float32)
        return cls(field, rows, parts, _row_altitudes(field))


def _row_altitudes(field: EmissionField) -> NDArray[np.float32] | None:
    if field.rows is None:
        return None
    both = np.zeros((2, max(map(len, field.rows))), np.float32)
    for row, of in zip(both, field.rows_km, strict=True):
        row[: len(of)] = of
    return both


@dataclass
class AirglowTables:
    """Emission rates about the station and the far leg's transmission, as textures."""

    textures: dict[str, moderngl.Texture | moderngl.Texture3D]
    uniforms: dict[str, object]

    @classmethod
    def upload(
        cls,
        ctx: moderngl.Context,
        field: EmissionField,
        transmission: NDArray[np.float64],
        response: NDArray[np.float64] | None,
    ) -> AirglowTables:
        """Upload the tables; `release` frees them.

        Parameters
        ----------
        field : EmissionField
        transmission : (n, 6), by tangent altitude from 0 km in steps of 0.25 km, order of EMISSIONS
        response : (6, 4) channels per rayleigh: adds tables that are folded into it
        """
        return finished(cls.steps(ctx, AirglowArrays.of(field, transmission, response)))

    @classmethod
    def steps(cls, ctx: moderngl.Context, arrays: AirglowArrays) -> Steps[AirglowTables]:
        """Upload what `AirglowArrays.of` has computed, a piece at a time."""
        field = arrays.field
        textures: dict[str, moderngl.Texture | moderngl.Texture3D] = {
            "transmission": texture_from(ctx, arrays.transmission)
        }
        if arrays.row_altitudes_km is not None:
            textures["row_altitudes"] = texture_from(ctx, arrays.row_altitudes_km)
        for name, data in arrays.parts.items():
            textures[name] = yield from sliced_texture_3d(ctx, data)
        low, high = (
            (len(rows) for rows in field.rows) if field.rows is not None else (field.low.shape[2], field.high.shape[2])
        )
        uniforms: dict[str, object] = {
            "low_shell": (*field.low_bounds_km, ALT_LOW_KM[0], ALT_LOW_STEP_KM),
            "low_table": (low, field.low.shape[0], GRID_REACH, 0.0),
            "high_shell": (*field.high_bounds_km, ALT_HIGH_KM[0], ALT_HIGH_STEP_KM),
            "high_table": (high, field.high.shape[0], GRID_REACH, 0.0),
            "low_samples": LOW_SAMPLES,
            "high_samples": HIGH_SAMPLES,
            "night_only": field.night_only,
        }
        return cls(textures, uniforms)

    @property
    def defines(self) -> dict[str, object]:
        """What programs that include interface/airglow.glsl are compiled with for these tables."""
        return {"ROWS": 1} if "row_altitudes" in self.textures else {}

    def bind(self, program: moderngl.Program) -> None:
        """Bind the textures and set the uniforms of a program that includes interface/airglow.glsl."""
        for name, texture in self.textures.items():
            texture.use(_UNIT[name])
        set_uniforms(program, {**_UNIT, **self.uniforms})

    def release(self) -> None:
        """Free the textures."""
        while self.textures:
            self.textures.popitem()[1].release()


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


_Piece = tuple[dict[str, object], tuple[int, int], NDArray[np.float64] | None]
"""Defines of passes/limb_map.frag, first and last row, and the response that the program folds with."""


def _pieces(limb_map: LimbMap, response: NDArray[np.float64] | None) -> list[_Piece]:
    """Which program marches which rows."""
    first, last = limb_map.row_range
    if response is None:
        return [({}, (first, last), None)]
    air_first, air_last = limb_map.row_air
    return [
        ({"FOLDED": 1}, (first, min(last, air_first - 1)), None),
        ({"FOLD": 1}, (max(first, air_first), min(last, air_last)), response),
        ({"FOLDED": 1}, (max(first, air_last + 1), last), None),
    ]


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
        self._held: tuple[AirglowTables, LimbMap] | None = None
        self._begun: tuple[AirglowTables, LimbMap, Steps[Callable[[], None]]] | None = None
        self.between: Callable[[], None] | None = None

    def run_lasting(
        self, tables: AirglowTables, limb_map: LimbMap, response: NDArray[np.float64] | None
    ) -> tuple[LimbMap, tuple[moderngl.Texture, moderngl.Texture]]:
        """As `run`, for a view that moves: the map marched last is read again while it serves.

        It serves while the tables are the same, the picture lies on it and the eye is as high within
        LASTING_KM. A new one gets a margin. The map to look it up by is returned with the textures.
        """
        held = self._held
        if held is None or held[0] is not tables or not held[1].covers(limb_map, LASTING_KM):
            wide = _lasting(limb_map)
            if self.between is None or response is None:
                self.run(tables, wide, response)
                self._held = (tables, wide)
            else:
                self._go_on(tables, limb_map, response, self.between)
            held = self._held
        assert held is not None and self._target is not None
        return held[1].seen_from(limb_map), (self._target.textures[0], self._target.textures[1])

    def _go_on(
        self, tables: AirglowTables, limb_map: LimbMap, response: NDArray[np.float64], between: Callable[[], None]
    ) -> None:
        if self._begun is None or self._begun[0] is not tables or self._begun[1] != limb_map:
            self._begun = tables, limb_map, self.steps(tables, limb_map, response, lambda: None)
        while True:
            try:
                next(self._begun[2])
            except StopIteration as end:
                self._begun = None
                end.value()
                return
            except BaseException:  # a program that is compiled later, say
                self._begun = None
                raise
            between()

    def run(
        self, tables: AirglowTables, limb_map: LimbMap, response: NDArray[np.float64] | None
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
        self._held = None
        size = (limb_map.n_columns, limb_map.n_rows)
        if self._target is None or self._target.size != size:
            self.release()
            self._target = self._new_target(size)
        self._target.use()
        for piece in _pieces(limb_map, response):
            self._march(self._target, tables, limb_map, *piece)
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
        target = self._new_target((wide.n_columns, wide.n_rows))
        at_once = _ROWS_A_STEP_BY_ROWS if tables.defines else _ROWS_A_STEP
        target.use()
        try:
            for defines, (first, last), own in _pieces(wide, response):
                for row in range(first, last + 1, at_once):
                    before()
                    target.use(clear=False)
                    self._march(target, tables, wide, defines, (row, min(row + at_once - 1, last)), own)
                    self._ctx.finish()
                    yield
        except BaseException:  # given up half-way
            target.release()
            raise
        target.fbo.scissor = (0, 0, *target.size)

        def put() -> None:
            self.release()
            self._target, self._held = target, (tables, wide)

        return put

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
        tables: AirglowTables,
        limb_map: LimbMap,
        defines: dict[str, object],
        rows: tuple[int, int],
        response: NDArray[np.float64] | None,
    ) -> None:
        if rows[1] < rows[0]:
            return
        program = self._shaders.program("passes/limb_map", defines | tables.defines)
        tables.bind(program)
        set_uniforms(program, limb_map_uniforms(limb_map))
        if response is not None:
            set_uniforms(program, {"response": [tuple(row) for row in response]})
        target.fbo.scissor = (0, rows[0], limb_map.n_columns, rows[1] - rows[0] + 1)
        vertices = self._ctx.vertex_array(program, [])
        vertices.render(vertices=3)
        vertices.release()

    def direct(self, tables: AirglowTables, target: Target, response: NDArray[np.float64] | None) -> None:
        """March every pixel of `target` (two textures): folded totals, or six separate ones, as in `run`."""
        program = self._shaders.program(
            "passes/airglow_direct", tables.defines | ({"FOLD": 1} if response is not None else {})
        )
        tables.bind(program)
        if response is not None:
            set_uniforms(program, {"response": [tuple(row) for row in response]})
        target.use()
        vertices = self._ctx.vertex_array(program, [])
        vertices.render(vertices=3)
        vertices.release()

    def release(self) -> None:
        """Free the map, and one that is begun."""
        if self._begun is not None:
            self._begun[2].close()
            self._begun = None
        if self._target is not None:
            self._target.release()
            self._target = self._held = None
