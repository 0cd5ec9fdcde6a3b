"""The story of the README, played on an embedded AWS."""
