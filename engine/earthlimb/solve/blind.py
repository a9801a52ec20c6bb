"""Where a camera looks when nothing is known: figures of stars vote for rotations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from earthlimb.physics.lens import Lens
from earthlimb.solve.detect import Sources
from earthlimb.solve.quads import catalogue_index, distinct, figures, shapes

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_SHAPE_RADIUS = 0.025
"""Largest distance of shapes: 0.25 px in a figure of 50 px, and 7 % of size for a lens known to 5 %."""
_AGREE_RAD = np.radians(1.5)
"""Votes this close are one rotation: a focal length 3 % off turns a figure 20 degrees off axis by 0.6 degrees."""
_LARGEST_CLUSTERS = 12
_FEWEST_STARS = 6
"""Different stars that must stand behind a rotation before it is tried: two figures that share two stars."""
_STARS_PER_SCORE = 4.0
"""Unrelated figures within 1.5 degrees name 6 to 12 stars, a true rotation dozens."""
_NEAR_RAD = np.radians(0.35)
"""A star this near a source counts when a rotation is first looked at: 5 px of a 28 mm lens at 1000 px."""
_NEAR_COS = np.cos(np.radians(8.0))
_DARK_SHARES = (0.35, 1.0)
_COUNTS = (30, 75, 160)
"""The brightest so many sources among the darkest surroundings so much of the picture: lists for figures."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A rotation that figures agree on.

    Attributes
    ----------
    rot_cam_from_gcrs : (3, 3)
    source, star : (n,) indices of sources and catalogue stars (brightest first) that its figures pair
    score : how many more stars than by chance stand near sources around the figures, or how many figures agree:
        in a crowd of sources every star has one near
    """

    rot_cam_from_gcrs: Array
    source: Indices
    star: Indices
    score: float


def _picture_figures(sources: Sources, dirs_cam: Array) -> tuple[Array, Indices]:
    """Shapes and stars of figures of several lists of sources."""
    lists: dict[bytes, Indices] = {}
    for share in _DARK_SHARES:
        dark = np.flatnonzero(sources.dark_rank <= share)
        for count in _COUNTS:
            if count == _COUNTS[0] or len(dark) > count // 2:
                part = dark[:count]
                lists[part.tobytes()] = part
    quads = [part[figures(dirs_cam[part])] for part in lists.values() if len(part) >= 4]
    if not quads:
        return np.zeros((0, 5)), np.zeros((0, 4), np.intp)
    return shapes(dirs_cam, distinct(np.concatenate(quads)))


def _rotations(seen: Array, known: Array) -> Array:
    """Best rotations (n, 3, 3) that bring known directions (n, k, 3) onto seen ones: Kabsch's algorithm."""
    u, _, vt = np.linalg.svd(np.einsum("nki,nkj->nij", seen, known))
    flip = np.sign(np.linalg.det(u @ vt))
    u[:, :, 2] *= flip[:, None]
    return np.asarray(u @ vt)


def candidates(sources: Sources, lens: Lens) -> list[Candidate]:
    """Rotations on which several figures agree, best first, for a lens good to about 5 %.

    Parameters
    ----------
    sources : Sources
    lens : Lens
        Focal length and centre to assume.

    Returns
    -------
    list of Candidate

    Notes
    -----
    A wrong figure matches at any rotation; within 1.5 degrees lies a millionth of all rotations. So two
    independent figures that agree hardly do so by chance, whatever share of the sources are lights of towns.
    """
    index = catalogue_index()
    dirs_cam = lens.rays_cam(sources.xy_px[:, 0], sources.xy_px[:, 1])
    points, quads = _picture_figures(sources, dirs_cam)
    if not len(points):
        return []
    pairs = cKDTree(points).sparse_distance_matrix(index.tree, _SHAPE_RADIUS, output_type="ndarray")
    if not len(pairs):
        return []
    mine, theirs = quads[pairs["i"]], index.stars[pairs["j"]]
    rotations = _rotations(dirs_cam[mine], index.dirs[theirs])
    turned = Rotation.from_matrix(rotations)
    quaternions = turned.as_quat()
    # q and -q are one rotation
    tree = cKDTree(np.concatenate([quaternions, -quaternions]))
    reach = 2.0 * np.sin(_AGREE_RAD / 4.0)
    n = len(quaternions)
    counts = tree.query_ball_point(quaternions, reach, return_length=True)
    found: list[Candidate] = []
    used = np.zeros(n, bool)
    for seed in np.argsort(-counts, kind="stable")[:400]:
        if used[seed] or counts[seed] < 2 or len(found) >= _LARGEST_CLUSTERS:
            continue
        members = np.unique(np.array(tree.query_ball_point(quaternions[seed], reach)) % n)
        used[members] = True
        source, star = _consistent(mine[members].ravel(), theirs[members].ravel())
        if len(source) >= _FEWEST_STARS:
            rotation = _rotations(dirs_cam[source][None], index.dirs[star][None])[0]
            agree = (len(source) - _FEWEST_STARS) / _STARS_PER_SCORE
            score = max(_score(rotation, source, sources, dirs_cam, lens), agree)
            found.append(Candidate(rotation, source, star, score))
    return sorted(found, key=lambda c: -c.score)


def _score(rotation: Array, source: Indices, sources: Sources, dirs_cam: Array, lens: Lens) -> float:
    """Stars near sources above chance, in standard deviations, within 8 degrees of the figures' middle."""
    index = catalogue_index()
    middle = dirs_cam[source].mean(axis=0)
    middle /= np.linalg.norm(middle)
    stars = index.dirs[index.dirs @ (middle @ rotation) > _NEAR_COS] @ rotation.T
    local = dirs_cam[dirs_cam @ middle > _NEAR_COS]
    x, y, ok = lens.project(stars)
    stars = stars[ok & (x > 0) & (x < lens.width_px) & (y > 0) & (y < lens.height_px)]
    if not len(stars) or not len(local):
        return 0.0
    tree = cKDTree(local)
    near, wide = (tree.query(stars, distance_upper_bound=r)[0] for r in (_NEAR_RAD, 3.0 * _NEAR_RAD))
    hits, around = int(np.isfinite(near).sum()), int(np.isfinite(wide).sum())
    expected = max(0.2 * around, len(stars) * len(local) * _NEAR_RAD**2 / (2.0 * (1.0 - _NEAR_COS)) / 2.0, 0.5)
    return (hits - expected) / float(np.sqrt(expected))


def _consistent(source: Indices, star: Indices) -> tuple[Indices, Indices]:
    """Pairs of which each source and each star appears once, those named most often first."""
    both, times = np.unique(np.stack([source, star]), axis=1, return_counts=True)
    both = both[:, np.argsort(-times, kind="stable")]
    _, first = np.unique(both[0], return_index=True)
    both = both[:, np.sort(first)]
    _, first = np.unique(both[1], return_index=True)
    both = both[:, np.sort(first)]
    return both[0], both[1]
