"""Take a grant back: what it would take away, in the order that never leaves more than there was."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from credhelper.commands.grant import plan as planning
from credhelper.commands.grant.access import Access, Administrator
from credhelper.commands.grant.plan import Asked
from credhelper.grant import names as naming
from credhelper.grant import removal
from credhelper.grant.change import Side
from credhelper.grant.found import Found
from credhelper.grant.names import Names
from credhelper.grant.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What is taken back on the sides that were read."""

    names: Names
    administrators: Mapping[Side, Administrator]
    found: Found
    plan: Plan
    with_members: bool

    @property
    def missing_sides(self) -> tuple[Side, ...]:
        """The sides whose administrator is not here."""
        return tuple(side for side in Side if side not in self.administrators)

    def again(self) -> "Removal":
        """Return the same, read and planned once more."""
        found = planning.read(self.names, self.administrators, has_uses=True)
        return replace(self, found=found, plan=removal.plan(self.names, found, members=self.with_members))


def plan(asked: Asked, access: Access, *, with_members: bool) -> Removal:
    """Return what is to be removed; `with_members`: the members that are named leave the group, too."""
    asked, administrators = planning.prepare(asked, access, naming.names)
    names = naming.names(asked.options)
    found = planning.read(names, administrators, has_uses=True)
    return Removal(
        names=names,
        administrators=administrators,
        found=found,
        plan=removal.plan(names, found, members=with_members),
        with_members=with_members,
    )
