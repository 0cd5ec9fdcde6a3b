"""credhelper: AWS role credentials for every tool. Imports nothing, so that a hit pays for nothing."""

__version__ = "0.1.0"
