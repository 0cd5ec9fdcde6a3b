"""The causes, each with its meaning, its way out and what tools print of it."""
