// `kpt fn`, for machines that have no kpt. The rest of kpt needs modules that not every proxy has; errors are told as kpt tells them.
// The module is named as a part of kpt, because what resolves errors is internal to kpt.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/kptdev/kpt/commands/fn"
	"github.com/kptdev/kpt/internal/errors"
	"github.com/kptdev/kpt/internal/errors/resolver"
	"github.com/kptdev/kpt/pkg/printer"
	"github.com/spf13/cobra"
)

func main() {
	command := &cobra.Command{Use: "kpt", SilenceUsage: true, SilenceErrors: true}
	command.PersistentFlags().BoolVar(&printer.TruncateOutput, "truncate-output", true, "Enable the truncation for output")
	output := printer.New(command.OutOrStdout(), command.ErrOrStderr())
	command.AddCommand(fn.GetCommand(printer.WithContext(context.Background(), output), "kpt"))
	if err := command.Execute(); err != nil {
		os.Exit(tell(command, err))
	}
}

// tell says what went wrong, and gives the exit status.
func tell(command *cobra.Command, err error) int {
	var own *errors.Error
	if resolved, ok := resolver.ResolveError(err); ok {
		if resolved.Message != "" {
			fmt.Fprintf(command.ErrOrStderr(), "%s \n", resolved.Message)
		}
		return resolved.ExitCode
	}
	if errors.As(err, &own) {
		if inner, ok := errors.UnwrapErrors(own); ok {
			err = inner
		}
	}
	fmt.Fprintf(command.ErrOrStderr(), "Error: %s \n", err)
	return 1
}
