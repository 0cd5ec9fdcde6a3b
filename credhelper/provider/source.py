"""Who asks, as the identity of an entry has it: what is known before the source is asked, and what answered."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a role's credentials.

    `parent` is the identity of the credhelper profile that they come from; None where botocore loads them. `facts` is
    the description of every link, `variables` the hash of those that decide, `files` each file that decides with the
    digest of its content. `user` is whose name the session gets by default, None where the profile names it.
    """

    parent: bytes | None = None
    facts: tuple[tuple[str, ...], ...] = ()
    variables: str = ""
    files: tuple[tuple[str, str], ...] = ()
    user: str | None = None

    def text(self, first_of: Callable[[str, str], str]) -> str:
        """Return a text that differs whenever the source credentials could belong to another identity.

        `first_of` returns, for a file and the digest of its token, the digest of the first token of that sign-in.
        """
        if self.parent is not None:
            # Not its access key id: that changes with every session of the parent, what STS would answer does not.
            text = f"role:{self.parent.hex()}"
        else:
            files = [(path, first_of(path, digest)) for path, digest in self.files]
            text = json.dumps([self.facts, self.variables, files], ensure_ascii=True)
        return text if self.user is None else f"{text}\n{self.user}"

    def as_it_answered(
        self, parent: bytes | None, tokens: Mapping[str, str], digest_of: Callable[[str], str]
    ) -> "Source":
        """Return the source that has answered: with the parent's entry, or the tokens, that were really used.

        Between a look at a token's file and its use the token may be refreshed, or another person sign in. `tokens`
        has the digest of each token that was used, by the name of its file. Of another file that has changed since,
        as `digest_of` tells, which content was used is not known: then it is no source that will ever be seen again.
        """
        if self.parent is not None:
            return self if parent is None else replace(self, parent=parent)
        files = []
        for path, before in self.files:
            used = tokens.get(os.path.basename(path))
            if used is None:
                now = digest_of(path)
                used = before if now == before else f"{before} or {now}"
            files.append((path, used))
        return replace(self, files=tuple(files))
