"""How fast this provider is, as ratios to an empty dynamic provider on the same engine."""
