"""Everything that is wrong with the two files: their lines, and the profiles that they make together. Pure."""

from credhelper.awsconfig.document.document import Document
from credhelper.awsconfig.document.finding import Finding
from credhelper.awsconfig.lint.lines import check_lines, readable
from credhelper.awsconfig.lint.profiles import check_profiles
from credhelper.awsconfig.profiles.catalogue import CONFIG, CREDENTIALS, Catalogue


def check(config: bytes, credentials: bytes = b"", catalogue: Catalogue | None = None) -> list[Finding]:
    """Return all findings in a config file and a credentials file, by file and line.

    It reads the files as botocore would, but goes on after what botocore stops at, so that one run shows it all.
    `catalogue` is what `catalogue_of` returns for them.
    """
    if catalogue is None:
        catalogue = catalogue_of(config, credentials)
    found = {*check_lines(config), *check_lines(credentials, is_credentials=True), *check_profiles(catalogue)}
    return sorted(found, key=lambda finding: (finding.is_in_credentials, finding))


def catalogue_of(config: bytes, credentials: bytes, *, paths: tuple[str, str] = (CONFIG, CREDENTIALS)) -> Catalogue:
    """Return the profiles of two files, as far as they can be read at all."""
    return Catalogue(Document(readable(config)), Document(readable(credentials)), paths=paths)
