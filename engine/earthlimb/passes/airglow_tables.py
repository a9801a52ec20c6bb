"""The airglow's tables: emission rates about the station and the far leg's transmission, as arrays and on the GPU."""

from __future__ import annotations

from dataclasses import dataclass, replace

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb.constants import ALT_HIGH_KM, ALT_HIGH_STEP_KM, ALT_LOW_KM, ALT_LOW_STEP_KM, EMISSIONS
from earthlimb.gpu import texture_from
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.gpu.targets import Steps, finished, sliced_texture_3d
from earthlimb.world.emission_field import GRID_REACH, EmissionField

LOW_SAMPLES = 20
"""Midpoints a leg through 75-125 km: worst error 0.35 % of the local column (research: 32 hold 0.07 %) for the model's
smooth layers. A profile of the user's own is marched from row to row of its table instead (`EmissionField.rows`)."""
HIGH_SAMPLES = 10
"""Midpoints a leg through 130-600 km: 8 hold 0.2 % (measured in the trial)."""

_UNIT = {
    "low_first": 0, "low_second": 1, "high_first": 2, "high_second": 3, "transmission": 4,
    "low_folded": 5, "high_folded": 6, "row_altitudes": 7,
}  # fmt: skip


Factors = tuple[float, ...]
"""On each emission, in the order of EMISSIONS."""
ONES: Factors = (1.0,) * len(EMISSIONS)


@dataclass(frozen=True, eq=False)
class AirglowArrays:
    """A field's tables computed and ready to be uploaded; needs no GL.

    Attributes
    ----------
    field : EmissionField
    transmission : (2, n, 4) float32 of the far leg
    parts : (nodes, nodes, altitudes, 4) float32 by the names of AirglowTables.textures
    row_altitudes_km : (2, n) float32 of the low and the high table's rows, padded; None: the march is by midpoints
    factors : on each emission, that the folded tables hold
    """

    field: EmissionField
    transmission: NDArray[np.float32]
    parts: dict[str, NDArray[np.float32]]
    row_altitudes_km: NDArray[np.float32] | None
    factors: Factors = ONES

    @classmethod
    def of(
        cls,
        field: EmissionField,
        transmission: NDArray[np.float64],
        response: NDArray[np.float64] | None,
        factors: Factors = ONES,
    ) -> AirglowArrays:
        """Compute them; the arguments are those of `AirglowTables.upload`."""
        rows = np.zeros((2, len(transmission), 4), np.float32)
        rows[0], rows[1, :, :2] = transmission[:, :4], transmission[:, 4:]
        parts: dict[str, NDArray[np.float32]] = {}
        for name in ("low", "high"):
            table = _marched(field, name)
            parts[f"{name}_first"] = np.ascontiguousarray(table[..., :4])
            parts[f"{name}_second"] = np.pad(table[..., 4:], [(0, 0)] * 3 + [(0, 2)])
            if response is not None:
                parts[f"{name}_folded"] = _folded(table, response, factors)
        return cls(field, rows, parts, _row_altitudes(field), factors)


def _marched(field: EmissionField, name: str) -> NDArray[np.float32]:
    """The "low" or the "high" table, the rows that are marched."""
    table = field.low if name == "low" else field.high
    return table if field.rows is None else table[:, :, field.rows[name == "high"]]


def _folded(table: NDArray[np.float32], response: NDArray[np.float64], factors: Factors) -> NDArray[np.float32]:
    return np.asarray(table @ (response * np.array(factors)[:, None]).astype(np.float32))


def _row_altitudes(field: EmissionField) -> NDArray[np.float32] | None:
    if field.rows is None:
        return None
    both = np.zeros((2, max(map(len, field.rows))), np.float32)
    for row, of in zip(both, field.rows_km, strict=True):
        row[: len(of)] = of
    return both


@dataclass(eq=False)
class AirglowTables:
    """Emission rates about the station and the far leg's transmission, as textures.

    Attributes
    ----------
    textures : by the names of the samplers in interface/airglow.glsl
    field : what they hold
    folded_factors : what those that are folded into a response hold beside it
    factors : what is marched with; where they are others, the folded tables do not serve
    raised_km : how much higher the low table is marched than it stands in the field
    """

    textures: dict[str, moderngl.Texture | moderngl.Texture3D]
    field: EmissionField
    folded_factors: Factors
    factors: Factors
    raised_km: float = 0.0

    @classmethod
    def upload(
        cls,
        ctx: moderngl.Context,
        field: EmissionField,
        transmission: NDArray[np.float64],
        response: NDArray[np.float64] | None,
        factors: Factors = ONES,
    ) -> AirglowTables:
        """Upload the tables; `release` frees them.

        Parameters
        ----------
        field : EmissionField
        transmission : (n, 6), by tangent altitude from 0 km in steps of 0.25 km, order of EMISSIONS
        response : (6, 4) channels per rayleigh: adds tables that are folded into it
        factors : on each emission
        """
        return finished(cls.steps(ctx, AirglowArrays.of(field, transmission, response, factors)))

    @classmethod
    def steps(cls, ctx: moderngl.Context, arrays: AirglowArrays) -> Steps[AirglowTables]:
        """Upload what `AirglowArrays.of` has computed, a piece at a time."""
        textures: dict[str, moderngl.Texture | moderngl.Texture3D] = {
            "transmission": texture_from(ctx, arrays.transmission)
        }
        if arrays.row_altitudes_km is not None:
            textures["row_altitudes"] = texture_from(ctx, arrays.row_altitudes_km)
        for name, data in arrays.parts.items():
            textures[name] = yield from sliced_texture_3d(ctx, data)
        return cls(textures, arrays.field, arrays.factors, arrays.factors)

    def at(self, factors: Factors, raised_km: float) -> AirglowTables:
        """The same textures, to be marched with other factors and at other heights."""
        return replace(self, factors=factors, raised_km=raised_km)

    def fold(self, response: NDArray[np.float64], factors: Factors) -> None:
        """Write the folded tables anew, with other factors."""
        for name in ("low", "high"):
            texture = self.textures[f"{name}_folded"]
            texture.write(np.ascontiguousarray(_folded(_marched(self.field, name), response, factors)))
        self.folded_factors = factors

    @property
    def folded(self) -> bool:
        """Whether there are folded tables that hold the factors."""
        return "low_folded" in self.textures and self.factors == self.folded_factors

    @property
    def uniforms(self) -> dict[str, object]:
        """Values of the uniforms in interface/airglow.glsl."""
        field = self.field
        low, high = (
            (len(rows) for rows in field.rows) if field.rows is not None else (field.low.shape[2], field.high.shape[2])
        )
        low_km, high_km = field.bounds_km(self.factors, self.raised_km)
        return {
            "low_shell": (*low_km, ALT_LOW_KM[0] + self.raised_km, ALT_LOW_STEP_KM),
            "low_table": (low, field.low.shape[0], GRID_REACH, 0.0),
            "high_shell": (*high_km, ALT_HIGH_KM[0], ALT_HIGH_STEP_KM),
            "high_table": (high, field.high.shape[0], GRID_REACH, 0.0),
            "low_samples": LOW_SAMPLES,
            "high_samples": HIGH_SAMPLES,
            "night_only": field.night_only,
            "factors": [self.factors[:4], (*self.factors[4:], 0.0, 0.0)],
        }

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
