// The SDK by itself, with its default configuration.
package main

import (
	"context"
	"fmt"
	"os"

	"credhelper/conformance/go_v2/actions"

	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	ctx := context.Background()
	loaded, err := config.LoadDefaultConfig(ctx)
	if err == nil {
		err = actions.Run(ctx, loaded, os.Args[1], os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
