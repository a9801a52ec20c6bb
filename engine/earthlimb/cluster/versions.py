"""Whether the machines of a cluster can work together: Dask, Python and earthlimb in the same versions."""

from __future__ import annotations

from typing import Any

from earthlimb.errors import WorkError


def check_versions(client: Any, address: str, version: str) -> None:
    """Refuse a cluster whose machines could not work together with this one.

    Raises
    ------
    WorkError
        There is no worker, a worker has no or another earthlimb, or Dask or Python differ.
    """
    named = f"--scheduler {address}"
    found = client.get_versions()
    if not found["workers"]:
        raise WorkError(f"{named}: it has no workers: at least one is wanted: start some (dask worker {address})")

    def earthlimb_version() -> str:  # a function inside a function travels as code: a worker may lack the package
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("earthlimb")
        except PackageNotFoundError:
            return "none"

    own = found["client"]["packages"]
    machines = {"the scheduler": found["scheduler"]} | {f"worker {at}": had for at, had in found["workers"].items()}
    for machine, had in machines.items():
        for name in ("distributed", "python"):
            theirs, ours = str(had["packages"].get(name)), str(own[name])
            if _important(name, theirs) != _important(name, ours):
                raise WorkError(
                    f"{named}: {machine} has {name} {theirs}, this machine {ours}: the same version is wanted: "
                    "install the same on every machine"
                )
    for machine, theirs in client.run(earthlimb_version).items():
        if theirs != version:
            raise WorkError(
                f"{named}: worker {machine} has earthlimb {theirs}, this machine {version}: the same version is "
                "wanted: pip install it on every machine"
            )


def _important(name: str, version: str) -> str:
    """The part of a version that has to be the same."""
    return ".".join(version.split(".")[:2]) if name == "python" else version
