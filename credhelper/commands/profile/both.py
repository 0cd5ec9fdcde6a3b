"""An edit of both files by a command: its plan, and who each profile is in every state that a crash could leave."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from credhelper.awsconfig.file import both
from credhelper.awsconfig.file.both import Pair, Plan
from credhelper.awsconfig.file.edit_checks import naming
from credhelper.awsconfig.file.editor import EditOptions, EditResult
from credhelper.awsconfig.profiles import principal
from credhelper.awsconfig.profiles.catalogue import Catalogue
from credhelper.settings import Settings

# The option that allows an edit of the credentials file.
OPTION = "--with-credentials"
# Returns the steps to take, and may add remarks for the user.
Change = Callable[[Catalogue, list[str]], Plan]


def apply(settings: Settings, change: Change, options: EditOptions) -> EditResult:
    """Make a change to both files, or work out what it would be; raises InputError or MachineError."""
    remarks: list[str] = []
    paths = (settings.config_file, settings.credentials_file)

    def on_pair(pair: Pair) -> Plan:
        remarks.clear()
        catalogue = Catalogue(pair.config, pair.credentials, paths=paths)
        with naming(paths[1]):
            pair.credentials.require_sound()
        return change(catalogue, remarks)

    result = both.edit_both(paths, on_pair, settings.state_dir, options)
    return replace(result, remarks=(*remarks, *result.remarks))


def pair_of(catalogue: Catalogue) -> Pair:
    """Return both files of a catalogue."""
    return Pair(catalogue.config, catalogue.credentials)


def are_safe(
    before: Catalogue, states: Sequence[Pair], renamed: Mapping[str, str], paused: Iterable[str] | None = ()
) -> bool:
    """Tell whether every profile is who it was in each of these states.

    A profile that gets a new name, and the new one, may have no credentials meanwhile, and so may those that are
    `paused`, or all if that is None.
    """
    named = {*renamed, *renamed.values()}
    old_names = {new: old for old, new in renamed.items()}
    may_pause = None if paused is None else named.union(paused)
    for state in states:
        after = before.with_both(*state)
        for name in principal.dependents({*after.touched, *named}, before):
            was = principal.principal(old_names.get(name, name), before)
            found = principal.principal(name, after)
            if found != was and (found is not None or (may_pause is not None and name not in may_pause)):
                return False
    return True
