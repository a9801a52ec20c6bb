"""Loads GLSL: root-relative includes, include-once, cycles refused, compiler messages mapped to files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import moderngl

from earthlimb import resources
from earthlimb.errors import WorkError
from earthlimb.gpu.frame_block import FRAME_BLOCK_BINDING, glsl_constants, glsl_frame_block

_INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"\s*$')
_MESSAGE_LINE = re.compile(r"\b0:(\d+)\b|\b0\((\d+)\)|ERROR: 0:(\d+)")
_VERSION = "#version 410 core"
_GENERATED = {"interface/frame.glsl": glsl_frame_block, "interface/constants.glsl": glsl_constants}


@dataclass(frozen=True)
class Source:
    """A flattened shader and, for each of its lines, the file and line that it came from."""

    text: str
    origins: tuple[tuple[str, int], ...]

    def explain(self, message: str) -> str:
        """The compiler's message with flat line numbers replaced by `file:line`."""

        def where(match: re.Match[str]) -> str:
            number = int(next(group for group in match.groups() if group))
            if 1 <= number <= len(self.origins):
                file, line = self.origins[number - 1]
                return f"{file}:{line}"
            return match.group(0)

        return _MESSAGE_LINE.sub(where, message)


def flatten(name: str, defines: Mapping[str, object] | None = None, text: str | None = None) -> Source:
    """Resolve the includes of `name` (relative to the shader folder) and put version and defines in front.

    Raises
    ------
    WorkError
        For a missing file or a cycle of includes; the message gives the chain.
    """
    lines: list[str] = [_VERSION]
    origins: list[tuple[str, int]] = [("<version>", 1)]
    for key, value in (defines or {}).items():
        lines.append(f"#define {key} {value}")
        origins.append(("<defines>", 1))
    done: set[str] = set()

    def add(file: str, body: str, chain: tuple[str, ...]) -> None:
        for number, line in enumerate(body.splitlines(), start=1):
            match = _INCLUDE.match(line)
            if not match:
                lines.append(line)
                origins.append((file, number))
                continue
            target = match.group(1)
            if target in chain:
                raise WorkError(f"{file}:{number}: #include {target}: a cycle: {' > '.join((*chain, target))}")
            if target not in done:
                done.add(target)
                add(target, _read(target, f"{file}:{number}"), (*chain, target))

    add(name, text if text is not None else _read(name, name), (name,))
    return Source("\n".join(lines) + "\n", tuple(origins))


def _read(name: str, where: str) -> str:
    if name in _GENERATED:
        return _GENERATED[name]()
    path: Path = resources.shader_root() / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise WorkError(f"{where}: #include {name}: {error.strerror}: install earthlimb again") from error


class ShaderLibrary:
    """Compiles passes and keeps them: one program for each pass and set of defines.

    Attributes
    ----------
    before_compile : called before each program that is compiled; what it raises leaves things as they were, so that a
        window may put off a picture's further programs to the next frame
    """

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self.before_compile: Callable[[], None] = lambda: None
        self._programs: dict[tuple[str, tuple[tuple[str, str], ...]], moderngl.Program] = {}

    def program(self, name: str, defines: Mapping[str, object] | None = None) -> moderngl.Program:
        """The program of `name`.vert and `name`.frag; without a .vert the full-screen triangle.

        Raises
        ------
        WorkError
            When the driver refuses the shader; the message names file and line.
        """
        key = (name, tuple(sorted((k, str(v)) for k, v in (defines or {}).items())))
        if key not in self._programs:
            self.before_compile()
            vertex = f"{name}.vert"
            if not (resources.shader_root() / vertex).exists():
                vertex = "passes/fullscreen.vert"
            self._programs[key] = self.compile(flatten(vertex, defines), flatten(f"{name}.frag", defines))
        return self._programs[key]

    @property
    def n_programs(self) -> int:
        """How many are compiled."""
        return len(self._programs)

    def compile(self, vertex: Source, fragment: Source) -> moderngl.Program:
        """Compile two flattened sources and bind the frame block where it is used."""
        try:
            program = self._ctx.program(vertex_shader=vertex.text, fragment_shader=fragment.text)
        except moderngl.Error as error:
            message = str(error)
            source = vertex if "vertex_shader" in message else fragment
            raise WorkError(f"shader: {source.explain(message).strip()}") from error
        if "Frame" in program:
            block = program["Frame"]
            assert isinstance(block, moderngl.UniformBlock)
            block.binding = FRAME_BLOCK_BINDING
        return program

    def release(self) -> None:
        """Free every compiled program."""
        while self._programs:
            self._programs.popitem()[1].release()


def set_uniforms(program: moderngl.Program, values: Mapping[str, object]) -> None:
    """Set those of `values` that the compiled program still has; drivers drop unused ones.

    What a program holds already is not sent again: its `extra` remembers, so only this function may set uniforms.
    """
    if program.extra is None:
        program.extra = {}
    held: dict[str, object] = program.extra
    for name, value in values.items():
        if name in held and held[name] == value:
            continue
        uniform = program.get(name, None)
        if uniform is not None:
            assert isinstance(uniform, moderngl.Uniform)
            uniform.value = value
        held[name] = list(value) if isinstance(value, list) else value
