"""The benchmark: frame time by pass, the floor of the machine, start-up and memory of a whole process."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from earthlimb.errors import WorkError
from earthlimb.gpu import Target
from earthlimb.gpu.shaders import set_uniforms
from earthlimb.renderer.renderer import Renderer
from earthlimb.scene import Scene, resolved
from earthlimb.world import WorldState, build_world

_WARM_UP, _FRAMES = 3, 15


def bench(scene: Scene, device: str = "auto") -> dict[str, Any]:
    """Measure a scene at its own size; keys as in CONTRACT.

    `frame_ms` is the photograph's passes together, finished on the GPU; `passes_ms` are the same passes timed one by
    one with a wait between, so their sum is a little more. `world_ms` is the CPU's part that a new instant costs.
    `startup_s` and `peak_rss_mb` are those of a fresh process that renders the scene to a PNG.
    """
    with Renderer(device=device) as renderer, renderer.gpu.use():
        start = time.perf_counter()
        world = build_world(scene)
        world_ms = (time.perf_counter() - start) * 1e3
        for _ in range(_WARM_UP):
            _frame_ms(renderer, world)
        frames = [_frame_ms(renderer, world) for _ in range(_FRAMES)]
        renderer.timer.enabled = True
        for _ in range(_FRAMES):
            _frame_ms(renderer, world)
        renderer.timer.enabled = False
        passes = {name: statistics.median(ms) for name, ms in renderer.timer.samples_ms.items()}
        floor = _floor_ms(renderer, world)
        name = renderer.gpu.renderer
    startup_s, peak_mb = _fresh_process(scene, device)
    return {
        "size_px": [scene.image.width_px, scene.image.height_px],
        "renderer": name,
        "frame_ms": statistics.median(frames),
        "passes_ms": passes,
        "floor_ms": floor,
        "world_ms": world_ms,
        "startup_s": startup_s,
        "peak_rss_mb": peak_mb,
        "frames": len(frames),
    }


def _frame_ms(renderer: Renderer, world: WorldState) -> float:
    start = time.perf_counter()
    renderer.photographer.draw(world)
    renderer.ctx.finish()
    return (time.perf_counter() - start) * 1e3


def _floor_ms(renderer: Renderer, world: WorldState) -> float:
    target = Target(renderer.ctx, (world.lens.width_px, world.lens.height_px))
    program = renderer.shaders.program("passes/floor")
    set_uniforms(program, {"rounds": 1000, "numbers": (0.999, 0.001)})
    vertices = renderer.ctx.vertex_array(program, [])
    times = []
    for _ in range(7):
        target.use()
        renderer.ctx.finish()
        start = time.perf_counter()
        vertices.render(vertices=3)
        renderer.ctx.finish()
        times.append((time.perf_counter() - start) * 1e3)
    vertices.release()
    target.release()
    return statistics.median(times[1:])


def _toml_lines(table: dict[str, Any], prefix: str = "") -> list[str]:
    """A scene as dotted TOML keys; JSON's scalars and lists are TOML's."""
    lines: list[str] = []
    for key, value in table.items():
        if isinstance(value, dict):
            lines += _toml_lines(value, f"{prefix}{key}.")
        elif value is not None:
            lines.append(f"{prefix}{key} = {json.dumps(value)}")
    return lines


def _fresh_process(scene: Scene, device: str) -> tuple[float, float]:
    """Seconds from command to picture, and the most memory (MB) of that process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scene.toml"
        path.write_text("\n".join(_toml_lines(resolved(scene))), encoding="utf-8")
        command = [sys.executable, "-m", "earthlimb", "render", str(path), "-o", f"{folder}/first.png", "--quiet"]
        command += ["--device", device]
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        if done.returncode != 0:
            raise WorkError(f"bench: rendering in a fresh process failed: {done.stderr.strip()}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # kB on Linux, bytes on macOS
    return seconds, peak / (1024.0 * 1024.0 if sys.platform == "darwin" else 1024.0)
