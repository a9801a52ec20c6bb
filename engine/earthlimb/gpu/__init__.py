"""The OpenGL layer: context, shader loader, uniform block, targets, timers. Nothing here knows physics."""

from earthlimb.gpu.context import GpuContext, open_context
from earthlimb.gpu.shaders import ShaderLibrary
from earthlimb.gpu.targets import Target, read_rgba, texture_from

__all__ = ["GpuContext", "ShaderLibrary", "Target", "open_context", "read_rgba", "texture_from"]
