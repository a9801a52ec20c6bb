"""Every shader compiles in every variant, includes behave, and the frame block lies where the driver expects it."""

from __future__ import annotations

from itertools import chain, combinations
from pathlib import Path

import moderngl
import numpy as np
import pytest

from earthlimb import constants, resources
from earthlimb.errors import WorkError
from earthlimb.gpu import ShaderLibrary
from earthlimb.gpu.frame_block import FRAME_BLOCK_BINDING, FrameBlock, glsl_constants, upload
from earthlimb.gpu.shaders import flatten
from earthlimb.passes.view import PARTS
from tests.support.glsl import context, evaluate

_VIEW = [dict.fromkeys(c, 1) for c in chain.from_iterable(combinations(PARTS, n) for n in range(1, len(PARTS) + 1))]
VARIANTS: dict[str, list[dict[str, int]]] = {
    "passes/view": [
        v
        for v in _VIEW
        if not {"AIRGLOW", "AIRGLOW_SIX"} <= set(v) and ("LIGHTS" in v or not {"LIGHTS_PATTERN", "SWEPT"} & set(v))
    ]
    + [{"AIRGLOW": 1, "MILKY_WAY": 1, "STATION": n} for n in (1, 2)],
    "passes/mesh": [{}, {"FOURTH": 1}],
    "passes/mesh_resolve": [
        {"COLUMNS": 5, "ROWS": 2} | fourth | panes for fourth in ({}, {"FOURTH": 1}) for panes in ({}, {"PANES": 1})
    ],
    "passes/cover": [{}, {"PASSES": 1}, {"FOURTH": 1}],
    "passes/limb_map": [{**rows, **fold} for rows in ({}, {"ROWS": 1}) for fold in ({}, {"FOLD": 1}, {"FOLDED": 1})],
    "passes/limb_fold": [{"FOLD": 1}],
    "passes/airglow_direct": [{}, {"FOLD": 1}, {"ROWS": 1}, {"ROWS": 1, "FOLD": 1}],
    "passes/stars": [{}, {"LONG_STREAKS": 1}, {"STATION": 1}, {"LONG_STREAKS": 1, "STATION": 2}],
    "passes/sensor_expose": [{}, {"HALO": 1}, {"NOISELESS": 1}, {"HALO": 1, "NOISELESS": 1}],
    "passes/sensor_develop": [{}, {"LENS_CORRECTION": 1}],
}
PASSES = sorted(f"passes/{path.stem}" for path in (resources.shader_root() / "passes").glob("*.frag"))


@pytest.mark.parametrize("name", PASSES)
def test_pass_compiles_in_every_variant(name: str) -> None:
    library = ShaderLibrary(context().ctx)
    for defines in VARIANTS.get(name, [{}]):
        assert isinstance(library.program(name, defines), moderngl.Program)
    library.release()


def _shaders(folder: str) -> list[Path]:
    return sorted((resources.shader_root() / folder).glob("*.glsl"))


@pytest.mark.parametrize("path", _shaders("lib"), ids=lambda path: path.stem)
def test_library_is_pure(path: Path) -> None:
    """No uniforms, no main, no outputs: textures come as arguments."""
    code = [line.split("//")[0] for line in path.read_text(encoding="utf-8").splitlines()]
    assert not [line for line in code if line.startswith(("uniform", "out ", "in ", "layout", "void main"))]


def test_frame_block_offsets_are_the_drivers() -> None:
    library = ShaderLibrary(context().ctx)
    program = library.program("passes/view", {"AIRGLOW": 1, "MILKY_WAY": 1, "LIGHTS": 1})
    block = program["Frame"]
    assert isinstance(block, moderngl.UniformBlock)
    assert block.size == FrameBlock.size_bytes() == sum((48, 48, 48, 16, 16, 16, 16, 16))
    assert block.binding == FRAME_BLOCK_BINDING
    offsets = FrameBlock.offsets()
    assert list(offsets) == sorted(offsets, key=offsets.__getitem__)
    assert offsets["lens"] == 144 and offsets["size_px"] == 208
    library.release()


def test_constants_of_shaders_are_those_of_python() -> None:
    text = glsl_constants()
    for name in ("WGS84_A_KM", "WGS84_B_KM"):
        assert f"const float {name} = {getattr(constants, name)!r};" in text


def test_include_once_and_missing_and_cycles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/a.glsl").write_text('#include "lib/b.glsl"\nfloat a;\n')
    (tmp_path / "lib/b.glsl").write_text("float b;\n")
    (tmp_path / "lib/c.glsl").write_text('#include "lib/d.glsl"\n')
    (tmp_path / "lib/d.glsl").write_text('#include "lib/c.glsl"\n')
    monkeypatch.setattr(resources, "shader_root", lambda: tmp_path)
    flat = flatten("x", text='#include "lib/b.glsl"\n#include "lib/a.glsl"\n')
    assert flat.text.count("float b;") == 1
    assert flat.origins[flat.text.splitlines().index("float a;")] == ("lib/a.glsl", 2)
    with pytest.raises(WorkError, match=r"cycle: x > lib/c.glsl > lib/d.glsl > lib/c.glsl"):
        flatten("x", text='#include "lib/c.glsl"')
    with pytest.raises(WorkError, match=r"x:2: #include lib/none.glsl: No such file"):
        flatten("x", text='\n#include "lib/none.glsl"')


def test_compiler_message_names_file_and_line() -> None:
    library = ShaderLibrary(context().ctx)
    bad = flatten("passes/wrong", text='#include "lib/math.glsl"\nvoid main() {\n    nonsense();\n}\n')
    with pytest.raises(WorkError, match=r"passes/wrong:3"):
        library.compile(flatten("passes/fullscreen.vert"), bad)


def test_frame_block_arrives_where_it_was_packed() -> None:
    """Every member is read back on the GPU: a wrong offset or a transposed matrix shows."""

    values = {
        name: np.arange(9.0).reshape(3, 3) + 10 * i if name.startswith("rot") else np.arange(4.0) + 100 * i
        for i, name in enumerate(FrameBlock.offsets())
    }
    buffer = upload(context().ctx, FrameBlock(**values))
    probe = np.array([[1.0, 2.0, 4.0]])
    for name, value in values.items():
        matrix = name.startswith("rot")
        expression = f"vec4(frame_{name} * a.xyz, 0.0)" if matrix else f"frame_{name}"
        got = evaluate(["interface/frame.glsl"], expression, probe)[0]
        want = np.append(value @ probe[0], 0.0) if matrix else value
        assert got == pytest.approx(want), name
    buffer.release()
