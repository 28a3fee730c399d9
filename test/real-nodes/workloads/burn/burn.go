// Package burn is a noisy neighbour: it takes all the CPU time that its pod's shares and limit let it have.
package burn

import (
	"context"
	"flag"
	"time"

	"kubectl-qos.dev/real-nodes/workloads/cpu"
)

// Run burns until ctx ends.
func Run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("burn", flag.ContinueOnError)
	threads := flags.Int("threads", 1, "threads that burn at once")
	on := flags.Duration("on", 0, "burn for so long, then rest for `-off`, and so on; 0: always")
	off := flags.Duration("off", 0, "rest between two burns")
	if err := flags.Parse(args); err != nil {
		return err
	}
	start := time.Now()
	for range *threads {
		go burnOn(ctx, start, *on, *off)
	}
	<-ctx.Done()
	return nil
}

func burnOn(ctx context.Context, start time.Time, on, off time.Duration) {
	for ctx.Err() == nil {
		if rest := restOf(time.Since(start), on, off); rest > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(rest):
			}
			continue
		}
		for range 50 {
			cpu.Spin()
		}
	}
}

// restOf is how long the current rest still lasts; 0 while it is time to burn.
func restOf(since, on, off time.Duration) time.Duration {
	if on <= 0 || off <= 0 {
		return 0
	}
	phase := since % (on + off)
	if phase < on {
		return 0
	}
	return on + off - phase
}
