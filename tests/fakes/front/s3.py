"""What S3 does and MiniStack does not: no reason for callers from outside, keys of KMS, a region that all are told."""

from collections.abc import Collection, Mapping

from fakes.front.exchange import Answer, Onward, Request, refuse
from fakes.front.sentences import refusal
from fakes.front.world import Caller, World


class S3Rules:
    """A rule for S3.

    `organization` are accounts that hear AWS's reasons about each other's buckets. `kms` are buckets whose objects are
    encrypted with a key that no caller may use, with the vector of what AWS says: "kms-identity" or "kms-three-causes";
    "" is for AWS's two words alone. `key` is the ARN of that key, and `archived` are keys of objects.
    """

    def __init__(
        self,
        *,
        organization: Collection[str] = (),
        kms: Mapping[str, str] | None = None,
        key: str = "",
        archived: Collection[str] = (),
    ) -> None:
        self._organization = organization
        self._kms = dict(kms or {})
        self._key = key
        self._archived = archived

    def __call__(self, world: World, request: Request, onward: Onward) -> Answer:
        """Pass it on, and change what AWS would say in another way."""
        answer, caller = onward(request), world.caller(request)
        if not request.bucket or caller is None:
            return answer
        if answer.status == 403 and (answer.error_code == "AccessDenied" or request.method == "HEAD"):
            return self._denied(world, request, caller, answer)
        if answer.status == 404 and request.key and not world.may_list(request.bucket, caller):
            # S3, GetObject: without the right to list the bucket an object that is not there is denied.
            return refuse(request, refusal("s3-head-denied" if request.method == "HEAD" else "s3-outsider"))
        if answer.status in (200, 206) and request.key:
            return self._of_object(request, caller, answer)
        return answer

    def _of_object(self, request: Request, caller: Caller, answer: Answer) -> Answer:
        if request.operation == "GetObject" and request.key in self._archived:
            return refuse(request, refusal("s3-archived"))
        if request.bucket not in self._kms:
            return answer
        if request.operation == "HeadObject" and self._key:
            named = {"x-amz-server-side-encryption": "aws:kms"}
            named["x-amz-server-side-encryption-aws-kms-key-id"] = self._key
            return Answer(answer.status, answer.body, {**answer.headers, **named})
        # HEAD asks for no data, so that no key is needed.
        if request.operation == "GetObject":
            vector = self._kms[request.bucket]
            return refuse(request, refusal(vector, user=caller.arn) if vector else refusal("s3-outsider"))
        return answer

    def _denied(self, world: World, request: Request, caller: Caller, answer: Answer) -> Answer:
        owner = world.behind.owner(request.bucket, sorted({*world.accounts, *self._organization}))
        if owner is None:
            return refuse(request, refusal("s3-no-bucket"))
        # The emulator redirects those whom it lets in; AWS does it before it looks who asks.
        home = world.behind.home(request.bucket, owner)
        if home != request.region:
            where = {"Endpoint": f"{request.bucket}.s3.amazonaws.com", "Bucket": request.bucket}
            moved = refuse(request, refusal("s3-other-region"), **where)
            return Answer(moved.status, moved.body, {**moved.headers, "x-amz-bucket-region": home})
        if owner == caller.account or request.method == "HEAD":
            return answer
        is_together = {owner, caller.account} <= set(self._organization)
        # Denials of VPC endpoints are told within one account only (S3, "Troubleshoot access denied").
        if is_together and "VPC endpoint policy" not in answer.text("Message"):
            return answer
        return refuse(request, refusal("s3-outsider"))
