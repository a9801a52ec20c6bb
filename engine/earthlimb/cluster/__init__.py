"""Rendering on many processes and machines with Dask; the extra `cluster` brings it."""

from earthlimb.cluster.client import on_scheduler, on_this_machine

__all__ = ["on_scheduler", "on_this_machine"]
