"""An edit of both files by a command: its plan, and who each profile is in every state that a crash could leave."""

from collections.abc import Callable, Mapping, Sequence
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


def are_safe(before: Catalogue, states: Sequence[Pair], renamed: Mapping[str, str], *, may_pause: bool = False) -> bool:
    """Tell whether in each of these states, the last of them the end, every profile is who it was or will be.

    A profile that gets a new name, and the new one, may have no credentials meanwhile; with `may_pause` so may all.
    """
    old_names = {new: old for old, new in renamed.items()}
    named = {*renamed, *renamed.values()}
    end = before.with_both(*states[-1])
    for state in states:
        after = before.with_both(*state)
        for name in principal.dependents({*after.touched, *named}, before):
            found = principal.principal(name, after)
            allowed = [principal.principal(old_names.get(name, name), before)]
            if name not in named:
                allowed.append(principal.principal(name, end))
            if found not in allowed and (found is not None or not (may_pause or name in named)):
                return False
    return True
