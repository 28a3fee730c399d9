// Package serve is an HTTP server whose every request costs a given CPU time.
package serve

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"kubectl-qos.dev/real-nodes/workloads/cpu"
)

// Run serves until ctx ends; then it becomes unready, answers for as long as `-drain` says, and ends when
// the last request is answered.
func Run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	address := flags.String("address", ":8080", "where to listen")
	cost := flags.Duration("cost", 5*time.Millisecond, "CPU time of a request; a request may ask for another: ?cost=7ms")
	workers := flags.Int("workers", 8, "requests that are worked on at once; others wait in line")
	warmup := flags.Duration("warmup", 0, "time from the start to being ready")
	drain := flags.Duration("drain", 3*time.Second, "how long to answer after having become unready")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var ready atomic.Bool
	line := make(chan struct{}, *workers)
	durations := newHistogram()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		if !ready.Load() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { durations.write(w) })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		amount, err := costOf(r, *cost)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		line <- struct{}{}
		cpu.Use(amount)
		<-line
		fmt.Fprintln(w, "done")
		// What others ask of it to find out how long it would take is no request of its own.
		if !r.URL.Query().Has("cost") {
			durations.observe(time.Since(start))
		}
	})
	server := &http.Server{Addr: *address, Handler: mux, ReadHeaderTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	timer := time.AfterFunc(*warmup, func() { ready.Store(true) })
	defer timer.Stop()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	timer.Stop()
	ready.Store(false)
	time.Sleep(*drain)
	if err := server.Shutdown(context.Background()); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func costOf(r *http.Request, usual time.Duration) (time.Duration, error) {
	asked := r.URL.Query().Get("cost")
	if asked == "" {
		return usual, nil
	}
	return time.ParseDuration(asked)
}
