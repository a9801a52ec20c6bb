"""Vertices that are sent anew for each draw, read by one program after another."""

from __future__ import annotations

import moderngl


class VertexStream:
    """One buffer, and a vertex array for each program that has drawn from it.

    Parameters
    ----------
    ctx : moderngl.Context
    layout : format of a vertex, or of an instance, as `Context.vertex_array` takes it
    attributes : their names
    """

    def __init__(self, ctx: moderngl.Context, layout: str, *attributes: str) -> None:
        self._ctx = ctx
        self._content = layout, *attributes
        self._buffer = ctx.buffer(reserve=1 << 12, dynamic=True)
        self._arrays: dict[moderngl.Program, moderngl.VertexArray] = {}

    def render(
        self,
        program: moderngl.Program,
        data: bytes,
        mode: int = moderngl.TRIANGLES,
        *,
        vertices: int,
        instances: int = 1,
    ) -> None:
        """Send the data and draw so many vertices, or instances of them."""
        if program not in self._arrays:
            self._arrays[program] = self._ctx.vertex_array(program, [(self._buffer, *self._content)])
        self._buffer.orphan(max(self._buffer.size, len(data)))
        self._buffer.write(data)
        self._arrays[program].render(mode, vertices=vertices, instances=instances)

    def release(self) -> None:
        """Free buffer and vertex arrays; the programs belong to the shader library."""
        while self._arrays:
            self._arrays.popitem()[1].release()
        self._buffer.release()
