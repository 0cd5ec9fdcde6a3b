"""botocore's own data is read once; what a user or an attacker puts beside it is read each time."""

from pathlib import Path

import botocore.session
from botocore.loaders import JSONFileLoader, Loader


def test_own_data_is_read_once_and_what_is_elsewhere_each_time(tmp_path: Path) -> None:
    own = f"{Loader.BUILTIN_DATA_PATH}/partitions"
    assert JSONFileLoader().load_file(own) is JSONFileLoader().load_file(own)
    for text in ('{"a": 1}', '{"a": 2}'):
        (tmp_path / "x.json").write_text(text)
        assert dict(JSONFileLoader().load_file(str(tmp_path / "x"))) == {"a": int(text[-2])}


def test_clients_are_made_of_the_same_models() -> None:
    models = [
        botocore.session.Session().create_client("sts", region_name="us-east-1").meta.service_model for _ in range(2)
    ]
    assert models[0] is not models[1]
    assert [model.operation_names for model in models] == [models[0].operation_names] * 2
