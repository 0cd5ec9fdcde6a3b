// Terraform's way to credentials: the library that its AWS provider and its S3 backend load their configuration with.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"credhelper/conformance/go_v2/actions"

	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
	"github.com/hashicorp/aws-sdk-go-base/v2/diag"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	// As Terraform does, it asks STS who it is before anything else.
	ctx, loaded, found := awsbase.GetAwsConfig(ctx, &awsbase.Config{StsEndpoint: os.Getenv("AWS_ENDPOINT_URL")})
	for _, one := range found {
		if one.Severity() == diag.SeverityError {
			return errors.New(one.Summary() + ": " + one.Detail())
		}
	}
	return actions.Run(ctx, loaded, os.Args[1], os.Args[2])
}
