"""The std140 uniform block of a frame, declared once here; its GLSL text is made from the same list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, get_type_hints

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb import constants

FRAME_BLOCK_BINDING = 0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FrameBlock:
    """What every pass may know about the frame. `local` is east, north, up at the station (geocentric up).

    Each member carries its GLSL type and its meaning.
    """

    rot_local_from_cam: Annotated[Array, "mat3", "rotation, camera to local"]
    rot_itrs_from_local: Annotated[Array, "mat3", "rotation, local to Earth-fixed"]
    rot_gcrs_from_local: Annotated[Array, "mat3", "rotation, local to inertial"]
    lens: Annotated[Array, "vec4", "f_px, cx_px, cy_px, k1"]
    sun_dir_local: Annotated[Array, "vec4", "unit vector to the Sun"]
    pole_dir_local: Annotated[Array, "vec4", "Earth's pole; w: sine of the geocentric latitude"]
    eye: Annotated[Array, "vec4", "geocentric distance, reference radius, altitude, km; (|o|-1)(|o|+1) of ellipsoid"]
    size_px: Annotated[Array, "vec4", "width, height, 1/width, 1/height"]

    def pack(self) -> bytes:
        """The block's bytes in std140 layout: columns of a mat3 take 16 bytes each."""
        out = bytearray()
        for name, kind, _ in members():
            value = np.asarray(getattr(self, name), dtype=np.float32)
            if kind == "mat3":
                columns = np.zeros((3, 4), np.float32)
                columns[:, :3] = value.T
                out += columns.tobytes()
            else:
                out += value.reshape(4).tobytes()
        return bytes(out)

    @classmethod
    def offsets(cls) -> dict[str, int]:
        """Byte offset of every member, as std140 lays it out; a test compares them with the driver's."""
        result, at = {}, 0
        for name, kind, _ in members():
            result[name] = at
            at += _SIZE_BYTES[kind]
        return result

    @classmethod
    def size_bytes(cls) -> int:
        """Size of the whole block."""
        return sum(_SIZE_BYTES[kind] for _, kind, _ in members())


_SIZE_BYTES = {"mat3": 48, "vec4": 16}


@cache
def members() -> tuple[tuple[str, str, str], ...]:
    """Name, GLSL type and meaning of every member, in order."""
    hints = get_type_hints(FrameBlock, include_extras=True)
    return tuple((name, *hint.__metadata__) for name, hint in hints.items())


def glsl_frame_block() -> str:
    """GLSL declaration of the block; members carry the prefix `frame_`."""
    lines = [f"    {kind} frame_{name};  // {meaning}" for name, kind, meaning in members()]
    return "layout(std140) uniform Frame {\n" + "\n".join(lines) + "\n};\n"


def glsl_constants() -> str:
    """GLSL copy of those constants that shaders use."""
    names = ("WGS84_A_KM", "WGS84_B_KM", "WGS84_F", "EARTH_MEAN_RADIUS_KM")
    lines = [f"const float {name} = {getattr(constants, name)!r};" for name in names]
    return "\n".join(lines) + "\nconst float PI = 3.141592653589793;\n"


def upload(ctx: moderngl.Context, block: FrameBlock, buffer: moderngl.Buffer | None = None) -> moderngl.Buffer:
    """Write the block into a uniform buffer (made when None) and bind it where every program looks."""
    data = block.pack()
    if buffer is None:
        buffer = ctx.buffer(data)
    else:
        buffer.write(data)
    buffer.bind_to_uniform_block(FRAME_BLOCK_BINDING)
    return buffer
