"""Pictures on disk: `save` chooses the format by the ending; importing this gives `Frame.save` its writer."""

from earthlimb.output.atomic import atomic_path, atomic_paths, check_target
from earthlimb.output.still import check_output, save
from earthlimb.renderer.frame import register_saver

register_saver(save)

__all__ = ["atomic_path", "atomic_paths", "check_output", "check_target", "save"]
