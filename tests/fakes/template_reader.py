"""Reads a string of Terraform's JSON syntax by the rules of its template language (Terraform, "Strings and Templates").

`$${` and `%%{` are `${` and `%{`; each of these alone starts an expression, which is reported and not evaluated. All
else is text, also further signs before. That Terraform 1.11.4 reads it so was tried with `terraform console`.
"""

import re

_TOKEN = re.compile(r"\$\$\{|%%\{|\$\{|%\{|.", re.DOTALL)
REFERENCE = re.compile(r"\$\{([a-z_.]+)\.([A-Za-z_][\w-]*)\.(\w+)\}")


class TemplateError(Exception):
    """There is an expression in what should be text."""


def read(text: str) -> str:
    """Return the value of a string without expressions; raises TemplateError."""
    read_so_far: list[str] = []
    for token in _TOKEN.findall(text):
        if token in ("${", "%{"):
            raise TemplateError(text)
        read_so_far.append(token[1:] if len(token) == 3 else token)
    return "".join(read_so_far)
