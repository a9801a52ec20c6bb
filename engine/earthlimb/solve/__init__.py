"""From a photograph back to its scene: stars, pose, lens and clock. Runs without a GPU."""
