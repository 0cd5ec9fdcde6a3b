// One client, four actions: identity, list BUCKET, credentials (five reads), loop SECONDS.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/s3"
	"github.com/aws/aws-sdk-go/service/sts"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(action, argument string) error {
	// This SDK knows no AWS_ENDPOINT_URL: the program says where AWS is, also for the SDK's own AssumeRole.
	loaded, err := session.NewSession(&aws.Config{
		Endpoint:         aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		S3ForcePathStyle: aws.Bool(true),
	})
	if err != nil {
		return err
	}
	switch action {
	case "identity":
		return identity(sts.New(loaded))
	case "list":
		return list(s3.New(loaded), argument)
	case "credentials":
		return credentials(loaded)
	case "loop":
		return loop(sts.New(loaded), argument)
	}
	return fmt.Errorf("unknown action %q", action)
}

func identity(client *sts.STS) error {
	caller, err := client.GetCallerIdentity(&sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	fmt.Println(aws.StringValue(caller.Arn))
	return nil
}

func list(client *s3.S3, bucket string) error {
	listing, err := client.ListObjectsV2(&s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		return err
	}
	for _, object := range listing.Contents {
		fmt.Println(aws.StringValue(object.Key))
	}
	return nil
}

func credentials(loaded *session.Session) error {
	for range 5 {
		read, err := loaded.Config.Credentials.Get()
		if err != nil {
			return err
		}
		fmt.Println(read.AccessKeyID)
	}
	return nil
}

func loop(client *sts.STS, seconds string) error {
	count, err := strconv.Atoi(seconds)
	if err != nil {
		return err
	}
	for end := time.Now().Add(time.Duration(count) * time.Second); time.Now().Before(end); time.Sleep(time.Second) {
		if err := identity(client); err != nil {
			return err
		}
	}
	return nil
}
