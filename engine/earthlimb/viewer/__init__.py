"""The window: the interactive renderer, its panel, read-outs and labels."""
