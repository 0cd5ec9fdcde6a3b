"""One half of a grant as plain policy documents, for tools of one's own. Pure."""

from collections.abc import Mapping

from credhelper.grant import papers
from credhelper.grant.change import Side
from credhelper.grant.wanted import Wanted


def files(wanted: Wanted, side: Side) -> Mapping[str, str]:
    """Return the documents by the names of their files."""
    trust = [papers.trust(wanted)] if side is Side.ROLE else []
    return {one.name: one.text for one in (*trust, *(paper for _, paper in papers.policies(wanted, side)))}
