"""Every cause by its id: the one table of refusals, `doctor` and docs/troubleshooting.md. Pure."""

from collections.abc import Mapping

from credhelper.diagnosis.causes import assume, local, network, other, storage
from credhelper.diagnosis.causes.cause import Cause

# In the order of the page.
CAUSES: Mapping[str, Cause] = {
    one.id: one
    for table in (local.CAUSES, network.CAUSES, assume.CAUSES, storage.CAUSES, other.CAUSES)
    for one in table
}
