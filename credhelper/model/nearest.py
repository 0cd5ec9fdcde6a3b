"""A name that is not known: the one error for a profile that is not there, and the nearest names that are. Pure."""

from collections.abc import Iterable, Sequence

from credhelper.errors import CredhelperError, InputError
from credhelper.model.shell import of_profile, own_command, word


def nearest(name: str, known: Iterable[str], *, limit: int = 3, cutoff: float = 0.5) -> list[str]:
    """Return at most `limit` of the known names, the nearest first; `cutoff` 0 accepts any, 1 only the name itself."""
    import difflib  # only a refusal needs it

    return difflib.get_close_matches(name, list(known), n=limit, cutoff=cutoff)


def unknown_profile(
    name: str, known: Iterable[str], *, files: Sequence[str] = (), source_of: str = ""
) -> CredhelperError:
    """Return the error for a name that no profile has; the hint offers the nearest of the `known` names.

    `files` are those that were read, where the caller knows them. `source_of` is the profile that names this one as
    its source: the hint then says how to take another one, or how to create it.
    """
    places = f" in {' or '.join(files)}" if files else ""
    near = nearest(name, known)
    if source_of:
        message = f"there is no profile {name}{places}, and profile {source_of} has it as its source"
        near = [one for one in near if one != source_of]
        take = own_command("profile set", source_of, options=f"--source-profile {word(near[0])}") if near else ""
        remedy = f"take it: {take}" if near else f"create it: aws configure {of_profile(name)}"
    else:
        # Such as that of a variable that is not set.
        message = f"there is no profile {name}{places}" if name.strip() else "the name of the profile is empty"
        remedy = "see them: credhelper profile list"
    guess = f"did you mean {' or '.join(map(word, near))}? " if near else ""
    return InputError(message, hint=guess + remedy)
