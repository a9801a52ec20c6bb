"""Khronos' reference compiler accepts every variant as GLSL 4.10: drivers let pass what macOS' need not know."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from earthlimb import resources
from earthlimb.gpu.shaders import Source, flatten
from tests.glsl.test_shaders import PASSES, VARIANTS

COMPILER = shutil.which("glslangValidator") or shutil.which("glslang")


def refused(sources: dict[str, Source], folder: Path) -> list[str]:
    """What the reference compiler says of sources by their files' names; nothing where it takes them all."""
    assert COMPILER is not None
    for name, source in sources.items():
        (folder / name).write_text(source.text)
    done = subprocess.run([COMPILER, *sources], cwd=folder, capture_output=True, text=True, timeout=120)
    lines = [line for line in done.stdout.splitlines() if line.strip() and line not in sources]
    assert bool(lines) == bool(done.returncode), done.stdout + done.stderr
    return lines


@pytest.mark.skipif(COMPILER is None, reason="glslangValidator: not installed: apt-get install glslang-tools")
def test_every_variant_is_glsl_410(tmp_path: Path) -> None:
    sources = {}
    for name in PASSES:
        for i, defines in enumerate(VARIANTS.get(name, [{}])):
            for stage in ("vert", "frag"):
                if (resources.shader_root() / f"{name}.{stage}").exists():
                    sources[f"{name.replace('/', '.')}.{i}.{stage}"] = flatten(f"{name}.{stage}", defines)
    sources["fullscreen.vert"] = flatten("passes/fullscreen.vert")
    assert not refused(sources, tmp_path)


@pytest.mark.skipif(COMPILER is None, reason="glslangValidator: not installed: apt-get install glslang-tools")
@pytest.mark.parametrize(
    "later", ["#define A \\\n    1\nvoid main() {}\n", "layout(binding = 1) uniform sampler2D a;\nvoid main() {}\n"]
)
def test_it_refuses_what_came_with_420(later: str, tmp_path: Path) -> None:
    assert refused({"later.frag": flatten("later", text=later)}, tmp_path)
