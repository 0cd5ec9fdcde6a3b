"""Every cause by its id: the one table of refusals, `doctor` and docs/troubleshooting.md. Pure."""

from collections.abc import Mapping

from credhelper.diagnosis import assume_causes, local_causes, network_causes, other_causes, storage_causes
from credhelper.diagnosis.cause import Cause

# In the order of the page.
CAUSES: Mapping[str, Cause] = {
    one.id: one
    for table in (
        *(local_causes.CAUSES, network_causes.CAUSES, assume_causes.CAUSES, storage_causes.CAUSES),
        other_causes.CAUSES,
    )
    for one in table
}
