"""What macOS offers, as far as Mesa can play it: a forward-compatible OpenGL 4.1 core and nothing newer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from earthlimb.scene.shipped import shipped_names

pytestmark = pytest.mark.long

NEWER = (
    "shading_language_420pack texture_storage clear_texture copy_image compute_shader shader_image_load_store "
    "buffer_storage clip_control multi_bind invalidate_subdata base_instance texture_view internalformat_query "
    "enhanced_layouts query_buffer_object ES3_compatibility"
).split()
"""Extensions that became core in OpenGL 4.2 to 4.5."""
ONLY_41 = {
    "MESA_GL_VERSION_OVERRIDE": "4.1FC",
    "MESA_GLSL_VERSION_OVERRIDE": "410",
    "MESA_EXTENSION_OVERRIDE": " ".join(f"-GL_ARB_{name}" for name in NEWER),
}


@pytest.mark.parametrize("name", shipped_names())
def test_a_scene_has_the_same_bytes(name: str, tmp_path: Path) -> None:
    pictures = []
    for i, more in enumerate(({}, ONLY_41)):
        path = tmp_path / f"{i}.exr"
        command = [sys.executable, "-m", "earthlimb", "render", name, "--size", "150x100", "-o", str(path)]
        subprocess.run(command, check=True, env=os.environ | more, capture_output=True, timeout=300)
        version = json.loads(path.with_name(f"{path.name}.json").read_text())["gl_version"]
        if "Mesa" not in version:
            pytest.skip(f"OpenGL {version}: only Mesa can be told to offer less")
        assert version.startswith("4.1") == bool(more)
        pictures.append(path.read_bytes())
    assert pictures[0] == pictures[1]
