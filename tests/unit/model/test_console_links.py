"""Links to the console: the right host in each partition, and no sign-in that leads anywhere else."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from credhelper.errors import InputError
from credhelper.model import console_links, partitions
from credhelper.model.console_links import Console, console_of

US = Console("aws", "us-east-1")


@pytest.mark.parametrize(
    ("partition", "region", "signin", "page"),
    [
        ("aws", "eu-west-1", "signin.aws.amazon.com", "eu-west-1.console.aws.amazon.com"),
        ("aws-us-gov", "us-gov-east-1", "signin.amazonaws-us-gov.com", "us-gov-east-1.console.amazonaws-us-gov.com"),
        ("aws-cn", "cn-north-1", "signin.amazonaws.cn", "cn-north-1.console.amazonaws.cn"),
        (
            "aws-eusc",
            "eusc-de-east-1",
            "eusc-de-east-1.signin.amazonaws-eusc.eu",
            "eusc-de-east-1.console.amazonaws-eusc.eu",
        ),
    ],
)
def test_hosts_are_the_partitions(partition: str, region: str, signin: str, page: str) -> None:
    console = console_of(partition, region)
    assert console.signin_url == f"https://{signin}"
    assert console.destination(None, "") == f"https://{page}/console/home?region={region}"
    assert console.destination("s3", "222222222222") == (
        f"https://{page}/go/view?service=s3&region={region}&account=222222222222"
    )
    link = urlsplit(console.switch_role("222222222222", "ops/deploy", "prod"))
    assert (link.netloc, link.path) == (signin, "/switchrole")
    console_links.require_destination(console.destination("s3", ""), console)
    assert console_of(partition, None).region == partitions.default_region(partition)
    assert console_of(partition, None, usual=("af-south-2x", "ap-west-9x", region)).region == region


@pytest.mark.parametrize("partition", [*(one for one in partitions.PARTITIONS if "iso" in one), "aws-new", "", "x\x1b"])
def test_partition_without_a_sign_in_is_refused(partition: str) -> None:
    with pytest.raises(InputError, match="no console sign-in for the partition") as caught:
        console_of(partition, None)
    assert "\x1b" not in caught.value.shown()


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "here", "us-east-1.evil.example/", "US-EAST-1", ""])
def test_region_of_another_partition_is_refused_and_in_no_host(region: str) -> None:
    with pytest.raises(InputError, match="is no region of the partition aws"):
        console_of("aws", region)
    assert console_of("aws", None, usual=(region, "eu-west-1")).region == "eu-west-1"


@pytest.mark.parametrize(
    "url",
    [
        "https://console.aws.amazon.com",
        "https://console.aws.amazon.com/",
        "https://us-east-1.console.aws.amazon.com/s3/buckets?region=us-east-1#a:b=$252Fc",
        "https://222222222222-abcd.eu-west-1.console.aws.amazon.com/console/home?x=%5C",
    ],
)
def test_page_of_the_console_is_a_destination(url: str) -> None:
    console_links.require_destination(url, US)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "http://console.aws.amazon.com/",
        "HTTPS://console.aws.amazon.com/",
        "//console.aws.amazon.com/",
        "console.aws.amazon.com",
        "https:console.aws.amazon.com",
        "javascript:alert(1)//console.aws.amazon.com/",
        "https://console.aws.amazon.com.evil.example/",
        "https://evilconsole.aws.amazon.com/",
        "https://evil.example/.console.aws.amazon.com",
        "https://evil.example#.console.aws.amazon.com",
        "https://evil.example?.console.aws.amazon.com",
        "https://evil.example\\.console.aws.amazon.com/",
        "https://evil.example/\\@console.aws.amazon.com/",
        "https://console.aws.amazon.com@evil.example/",
        "https://evil@console.aws.amazon.com/",
        "https://console.aws.amazon.com:8443/",
        "https://console.aws.amazon.com:/",
        "https://console.aws.amazon.com./",
        "https://.console.aws.amazon.com/",
        "https://-.console.aws.amazon.com/",
        "https://console.aws.amazon.com%2eevil.example/",
        "https://console.aws.amazon.com\n.evil.example/",
        "https://console.aws.amazon.com\t/",
        "https://console.aws.amazon.com/ x",
        "https://console.aws.amazon.com/\\evil.example",
        'https://console.aws.amazon.com/"onload="x',
        "https://c\u03bfnsole.aws.amazon.com/",
        "https://\uff43onsole.aws.amazon.com/",
        "https://[::1].console.aws.amazon.com/",
        "https://signin.aws.amazon.com/federation?Action=logout",
        "https://s3.amazonaws.com/console.aws.amazon.com",
        "https://console.amazonaws.cn/",
        "https://console.amazonaws-us-gov.com/",
        "https://console.aws.amazon.com/" + "a" * 2048,
        "",
        "https://",
    ],
)
def test_any_other_destination_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="--destination"):
        console_links.require_destination(url, US)


@given(st.text(alphabet="ht/ps:console.awmz@\\#?%e2\t\n\u3002", max_size=60), st.sampled_from(["", "https://"]))
@example("evil.example/console.aws.amazon.com", "https://")
def test_no_text_that_is_let_through_has_another_host(text: str, scheme: str) -> None:
    url = scheme + text
    try:
        console_links.require_destination(url, US)
    except InputError:
        return
    host = url.removeprefix("https://").partition("/")[0].partition("?")[0].partition("#")[0]
    assert urlsplit(url).hostname == host
    assert host == US.domain or host.endswith(f".{US.domain}")


@given(st.text(max_size=80), st.text(max_size=40))
def test_each_part_of_a_link_comes_back_as_it_was(destination: str, token: str) -> None:
    link = console_links.sign_in(US.signin_url, destination, token)
    assert link.isascii()
    assert link.isprintable()
    fields = parse_qs(urlsplit(link).query, keep_blank_values=True, strict_parsing=True)
    assert (fields["Destination"], fields["SigninToken"]) == ([destination], [token])
    out = console_links.after_sign_out(US.signin_url, link)
    assert urlsplit(out).path == "/oauth"
    assert parse_qs(urlsplit(out).query) == {"Action": ["logout"], "redirect_uri": [link]}
    for extension, scheme in (("container", "ext+container"), ("granted", "ext+granted-containers")):
        dressed = console_links.in_container(link, f"a&url={destination}", extension)
        start, _, rest = dressed.partition(":")
        name, url = rest.split("&")
        assert start == scheme
        assert unquote(name.removeprefix("name=")) == f"a&url={destination}"
        assert unquote(url.removeprefix("url=")) == link


def test_switch_keeps_the_path_of_a_role_and_shortens_what_is_shown() -> None:
    link = US.switch_role("222222222222", "a path/x+y", "n" * 80)
    assert parse_qs(urlsplit(link).query, strict_parsing=True) == {
        "account": ["222222222222"],
        "roleName": ["a path/x+y"],
        "displayName": ["n" * 64],
    }


@pytest.mark.parametrize("name", ["", "S3", "s3/../x", "s3&x=y", "-s3", "s" * 64, "s3\n"])
def test_what_is_no_service_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="--service"):
        console_links.require_service(name)


@pytest.mark.parametrize("name", ["", " ", "x" * 129, "a\x1b[31m", "a\u202eb", "a\nb"])
def test_what_is_no_container_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="--container"):
        console_links.require_container(name)
    console_links.require_container("Prod – ö & co")
