"""Time, orbit, frames, bodies, stars and places."""
