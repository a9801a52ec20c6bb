"""TOML files as strict models: what scenes, bodies and lenses have in common, and the files of bodies and lenses."""
