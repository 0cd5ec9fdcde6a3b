// One client, four actions: identity, list, credentials (five reads), loop SECONDS.
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { setTimeout as sleep } from "node:timers/promises";

const [action, argument] = process.argv.slice(2);
const sts = new STSClient({});
const identity = async () => console.log((await sts.send(new GetCallerIdentityCommand({}))).Arn);

const actions = {
  identity,
  list: async () => {
    const s3 = new S3Client({ forcePathStyle: true });
    const listing = await s3.send(new ListObjectsV2Command({ Bucket: argument }));
    for (const object of listing.Contents ?? []) console.log(object.Key);
  },
  credentials: async () => {
    for (let read = 0; read < 5; read += 1) console.log((await sts.config.credentials()).accessKeyId);
  },
  loop: async () => {
    for (const end = Date.now() + 1000 * Number(argument); Date.now() < end; await sleep(1000)) await identity();
  },
};

try {
  await actions[action]();
} catch (error) {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
