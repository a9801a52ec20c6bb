"""Scene and time to Frame: the one path behind window, video, still and test."""

from earthlimb.renderer.bench import bench
from earthlimb.renderer.frame import Frame
from earthlimb.renderer.probe import probe
from earthlimb.renderer.renderer import Renderer, render

__all__ = ["Frame", "Renderer", "bench", "probe", "render"]
