"""What one request does about its cache entry. Pure: the reader's table of docs/entry-format.md as one function.

The hit, a process that waits and the process that leads all ask here, each with what it knows.
"""

from credhelper.model.freshness import DEAD, FRESH

# Hand out the entry.
HIT = "hit"
# Hand out the entry, which is due: another process refreshes it, or has just failed to.
SERVE = "serve"
# Ask AWS for new credentials; the entry is valid and is handed out if that fails.
REFRESH = "refresh"
# Resolve the profile again: if the identity is the same, the entry stays and gets the new inputs.
RENEW_INPUTS = "renew-inputs"
# Ask AWS: there is no entry.
MISS = "miss"
# Report the failure that was met a moment ago under the same configuration.
FAIL = "fail"


def decide(state: str, *, has_same_inputs: bool, has_failed: bool, is_refresh_taken: bool) -> str:
    """Return HIT, SERVE, REFRESH, RENEW_INPUTS, MISS or FAIL.

    `state` is the entry's FRESH, DUE or DEAD (freshness.state_at); DEAD also where no entry can be opened.
    `has_same_inputs`: every file and variable that the entry was resolved from is unchanged. `has_failed`: a request
    under the same configuration failed a moment ago. `is_refresh_taken`: another process is refreshing the entry.
    """
    if state == DEAD:
        return FAIL if has_failed else MISS
    if not has_same_inputs:
        return FAIL if has_failed else RENEW_INPUTS
    if state == FRESH:
        return HIT
    return SERVE if has_failed or is_refresh_taken else REFRESH
