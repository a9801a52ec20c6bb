"""The std140 uniform block of a frame, declared once here; its GLSL text is made from the same list."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import moderngl
import numpy as np
from numpy.typing import NDArray

from earthlimb import constants

FRAME_BLOCK_BINDING = 0

Array = NDArray[np.float64]


def _glsl(kind: str, meaning: str) -> object:
    return field(metadata={"glsl": kind, "meaning": meaning})


@dataclass(frozen=True)
class FrameBlock:
    """What every pass may know about the frame. `local` is east, north, up at the station (geocentric up)."""

    rot_local_from_cam: Array = _glsl("mat3", "rotation, camera to local")  # type: ignore[assignment]
    rot_itrs_from_local: Array = _glsl("mat3", "rotation, local to Earth-fixed")  # type: ignore[assignment]
    rot_gcrs_from_local: Array = _glsl("mat3", "rotation, local to inertial")  # type: ignore[assignment]
    lens: Array = _glsl("vec4", "f_px, cx_px, cy_px, k1")  # type: ignore[assignment]
    sun_dir_local: Array = _glsl("vec4", "unit vector to the Sun")  # type: ignore[assignment]
    pole_dir_local: Array = _glsl("vec4", "Earth's pole; w: geocentric latitude's sine")  # type: ignore[assignment]
    eye: Array = _glsl(  # type: ignore[assignment]
        "vec4", "geocentric distance km, reference radius km, altitude km, (|o|-1)(|o|+1) on the unit ellipsoid"
    )
    size_px: Array = _glsl("vec4", "width, height, 1/width, 1/height")  # type: ignore[assignment]

    def pack(self) -> bytes:
        """The block's bytes in std140 layout: columns of a mat3 take 16 bytes each."""
        out = bytearray()
        for item in fields(self):
            value = np.asarray(getattr(self, item.name), dtype=np.float32)
            if item.metadata["glsl"] == "mat3":
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
        for item in fields(cls):
            result[item.name] = at
            at += 48 if item.metadata["glsl"] == "mat3" else 16
        return result

    @classmethod
    def size_bytes(cls) -> int:
        """Size of the whole block."""
        return sum(48 if item.metadata["glsl"] == "mat3" else 16 for item in fields(cls))


def glsl_frame_block() -> str:
    """GLSL declaration of the block; members carry the prefix `frame_`."""
    members = [
        f"    {item.metadata['glsl']} frame_{item.name};  // {item.metadata['meaning']}" for item in fields(FrameBlock)
    ]
    return "layout(std140) uniform Frame {\n" + "\n".join(members) + "\n};\n"


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
