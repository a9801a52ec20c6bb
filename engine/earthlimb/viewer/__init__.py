"""The interactive renderer in a window."""

from earthlimb.viewer.app import view

__all__ = ["view"]
