"""The AWS CRT's default chain: credentials (five reads) only, it is not a service client."""

from awscrt import auth, io  # type: ignore[import-not-found]  # lives in an environment of its own

bootstrap = io.ClientBootstrap(io.EventLoopGroup(1), io.DefaultHostResolver(io.EventLoopGroup(1)))
provider = auth.AwsCredentialsProvider.new_default_chain(bootstrap)
for _ in range(5):
    print(provider.get_credentials().result(60).access_key_id)
