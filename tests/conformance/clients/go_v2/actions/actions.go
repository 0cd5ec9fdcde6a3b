// Package actions is what both programs do with a loaded configuration: identity, list BUCKET, credentials (five
// reads), loop SECONDS.
package actions

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Run does one action.
func Run(ctx context.Context, loaded aws.Config, action, argument string) error {
	switch action {
	case "identity":
		return identity(ctx, sts.NewFromConfig(loaded))
	case "list":
		return list(ctx, loaded, argument)
	case "credentials":
		return credentials(ctx, loaded)
	case "loop":
		return loop(ctx, sts.NewFromConfig(loaded), argument)
	}
	return fmt.Errorf("unknown action %q", action)
}

func identity(ctx context.Context, client *sts.Client) error {
	caller, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
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

func loop(ctx context.Context, client *sts.Client, seconds string) error {
	count, err := strconv.Atoi(seconds)
	if err != nil {
		return err
	}
	for end := time.Now().Add(time.Duration(count) * time.Second); time.Now().Before(end); time.Sleep(time.Second) {
		if err := identity(ctx, client); err != nil {
			return err
		}
	}
	return nil
}
