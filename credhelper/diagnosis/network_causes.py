"""The causes on the way: names, connections, certificates, proxies, keys and Regions. Pure."""

from credhelper.diagnosis.cause import Cause

CAUSES: tuple[Cause, ...] = ()
