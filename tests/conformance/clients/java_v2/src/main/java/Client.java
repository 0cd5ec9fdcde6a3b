import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sts.StsClient;

/** One client, four actions: identity, list BUCKET, credentials (five reads), loop SECONDS. */
public final class Client {
    private static final StsClient STS =
        StsClient.builder().httpClient(UrlConnectionHttpClient.create()).build();

    public static void main(String[] arguments) throws InterruptedException {
        switch (arguments[0]) {
            case "identity" -> identity();
            case "list" -> list(arguments[1]);
            case "credentials" -> credentials();
            case "loop" -> loop(Long.parseLong(arguments[1]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void identity() {
        System.out.println(STS.getCallerIdentity().arn());
    }

    private static void list(String bucket) {
        try (S3Client s3 = S3Client.builder().forcePathStyle(true).httpClient(UrlConnectionHttpClient.create()).build()) {
            s3.listObjectsV2(request -> request.bucket(bucket)).contents().forEach(item -> System.out.println(item.key()));
        }
    }

    private static void credentials() {
        DefaultCredentialsProvider provider = DefaultCredentialsProvider.builder().build();
        for (int read = 0; read < 5; read++) System.out.println(provider.resolveCredentials().accessKeyId());
    }

    private static void loop(long seconds) throws InterruptedException {
        for (long end = System.nanoTime() + seconds * 1_000_000_000L; System.nanoTime() < end; Thread.sleep(1000)) identity();
    }
}
