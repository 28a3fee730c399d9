// Command workload is what runs on real nodes: an HTTP server with a CPU cost per request, a noisy
// neighbour, and the load generator that measures the server. One static program without dependencies.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"kubectl-qos.dev/real-nodes/workloads/burn"
	"kubectl-qos.dev/real-nodes/workloads/load"
	"kubectl-qos.dev/real-nodes/workloads/serve"
)

var roles = map[string]func(context.Context, []string) error{
	"serve": serve.Run,
	"burn":  burn.Run,
	"load":  load.Run,
}

func main() {
	role, known := (func(context.Context, []string) error)(nil), false
	if len(os.Args) > 1 {
		role, known = roles[os.Args[1]]
	}
	if !known {
		fmt.Fprintln(os.Stderr, "usage: workload serve|burn|load [FLAGS]")
		os.Exit(2)
	}
	asked, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := role(asked, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "workload:", err)
		os.Exit(1)
	}
}
