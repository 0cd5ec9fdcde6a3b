// One client, four actions: identity, list BUCKET, credentials (five reads), loop SECONDS.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	loaded, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	switch arguments[0] {
	case "identity":
		return identity(ctx, loaded)
	case "list":
		return list(ctx, loaded, arguments[1])
	case "credentials":
		return credentials(ctx, loaded)
	case "loop":
		return loop(ctx, loaded, arguments[1])
	}
	return fmt.Errorf("unknown action %q", arguments[0])
}

func identity(ctx context.Context, loaded aws.Config) error {
	caller, err := sts.NewFromConfig(loaded).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	fmt.Println(aws.ToString(caller.Arn))
	return nil
}

func list(ctx context.Context, loaded aws.Config, bucket string) error {
	client := s3.NewFromConfig(loaded, func(options *s3.Options) { options.UsePathStyle = true })
	listing, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		return err
	}
	for _, object := range listing.Contents {
		fmt.Println(aws.ToString(object.Key))
	}
	return nil
}

func credentials(ctx context.Context, loaded aws.Config) error {
	for range 5 {
		read, err := loaded.Credentials.Retrieve(ctx)
		if err != nil {
			return err
		}
		fmt.Println(read.AccessKeyID)
	}
	return nil
}

func loop(ctx context.Context, loaded aws.Config, seconds string) error {
	count, err := strconv.Atoi(seconds)
	if err != nil {
		return err
	}
	for end := time.Now().Add(time.Duration(count) * time.Second); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		if err := identity(ctx, loaded); err != nil {
			return err
		}
	}
	return nil
}
