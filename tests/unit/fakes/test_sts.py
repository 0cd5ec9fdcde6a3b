"""The fake STS holds what the tests that stand on it assume."""

import http.client
import threading
import time
from urllib.parse import urlencode, urlsplit

import botocore.session

from fakes import canary
from fakes.sts import Behaviour, FakeSts

BODY = urlencode(
    {"Action": "AssumeRole", "RoleArn": "arn:aws:iam::222222222222:role/reader", "RoleSessionName": "david"}
)


def post(server: FakeSts) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    try:
        connection.request("POST", "/", BODY)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_five_hundred_callers_at_once_are_all_answered_and_counted() -> None:
    statuses: list[int] = []
    with FakeSts(Behaviour(delay_s=0.2)) as server:
        threads = [threading.Thread(target=lambda: statuses.append(post(server)[0])) for _ in range(500)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.count() == 500
    assert statuses == [200] * 500


def test_every_answer_has_its_own_key_and_throttles_exactly_as_often_as_told() -> None:
    with FakeSts(Behaviour(throttle=2)) as server:
        answers = [post(server) for _ in range(4)]
    assert [status for status, _ in answers] == [400, 400, 200, 200]
    assert answers[2][1] != answers[3][1]


def test_real_client_reads_its_answers() -> None:
    with FakeSts(Behaviour(lifetime_s=42)) as server:
        client = botocore.session.get_session().create_client(
            "sts",
            "us-east-1",
            endpoint_url=server.url,
            aws_access_key_id="AKIA",
            aws_secret_access_key=canary.secret_key(),
        )
        answer = client.assume_role(RoleArn="arn:aws:iam::222222222222:role/reader", RoleSessionName="david")
        client.close()
    assert 40 <= answer["Credentials"]["Expiration"].timestamp() - time.time() <= 42


def test_shutting_down_waits_for_no_delay() -> None:
    started = time.monotonic()
    with FakeSts(Behaviour(delay_s=60)) as server:
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
        connection.request("POST", "/", BODY)
        while not server.count():
            time.sleep(0.01)
    connection.close()
    assert time.monotonic() - started < 5
