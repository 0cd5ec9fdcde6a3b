"""A document as JSON is read back as the same document."""

import json

import pytest

from credhelper.policy.document import load
from credhelper.policy.render import size, to_object, to_text

TEXTS = [
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}',
    (
        '{"Version":"2008-10-17","Statement":[{"Sid":"A","Effect":"Deny","NotPrincipal":{"AWS":["1","2"],"Service":"x"},'
        '"NotAction":["a","b"],"NotResource":"\\u00e9 ${aws:username}","Condition":{"Bool":{"k":"true","l":["a","b"]},'
        '"Null":{"k":"false"}}}]}'
    ),
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}',
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_is_what_was_read(text: str) -> None:
    assert to_text(load(text)) == text
    assert json.loads(to_text(load(text), indent=2)) == json.loads(text)
    assert load(json.dumps(to_object(load(text)))) == load(text)


def test_size_leaves_out_white_space_as_iam_does() -> None:
    spaced = (
        '{"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "a:b", "Resource": "a b"}]}'
    )
    assert size(load(spaced)) == len(to_text(load(spaced))) - 1
