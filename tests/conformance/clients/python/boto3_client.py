"""boto3: identity, list BUCKET, credentials (five reads), loop SECONDS."""

import sys
import time

import boto3

action, argument = [*sys.argv[1:], ""][:2]
session = boto3.Session()
sts = session.client("sts")
if action == "identity":
    print(sts.get_caller_identity()["Arn"])
elif action == "list":
    for item in session.client("s3").list_objects_v2(Bucket=argument)["Contents"]:
        print(item["Key"])
elif action == "credentials":
    provided = session.get_credentials()
    for _ in range(5):
        print(provided.get_frozen_credentials().access_key)
elif action == "loop":
    end = time.monotonic() + float(argument)
    while time.monotonic() < end:
        print(sts.get_caller_identity()["Arn"])
        time.sleep(1)
