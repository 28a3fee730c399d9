// Package load is an open-loop load generator: it sends at times that are fixed beforehand, whatever the
// answers do, so that a slow server is not spared the requests that it makes wait (coordinated omission).
package load

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"
)

// Plan is what `-plan` holds.
type Plan struct {
	// Server, Token and CAFile of the API server, whose EndpointSlices are followed.
	Server string `json:"server"`
	Token  string `json:"token"`
	CAFile string `json:"caFile"`
	// Namespace of all services.
	Namespace string `json:"namespace"`
	// Seed of the times between requests; the same seed and rate give the same times.
	Seed uint64 `json:"seed"`
	// TimeoutSeconds after which a request has failed.
	TimeoutSeconds float64 `json:"timeoutSeconds"`
	Apps           []App   `json:"apps"`
	Probes         []Probe `json:"probes"`
}

// App is asked by way of its Service, each request at one of the ready endpoints.
type App struct {
	Name string `json:"name"`
	// Rate is requests per second: a Poisson process.
	Rate float64 `json:"rate"`
}

// Probe asks every ready endpoint of a Service what a request of the named app's cost would take there.
type Probe struct {
	Service string `json:"service"`
	App     string `json:"app"`
	Cost    string `json:"cost"`
	// Rate is requests per second at each endpoint.
	Rate float64 `json:"rate"`
}

// Run sends until ctx ends and writes every request to a file.
func Run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	planFile := flags.String("plan", "", "JSON file: what to send")
	out := flags.String("out", "", "CSV file to write: one line per request")
	if err := flags.Parse(args); err != nil {
		return err
	}
	plan, err := readPlan(*planFile)
	if err != nil {
		return err
	}
	record, err := openRecord(*out)
	if err != nil {
		return err
	}
	endpoints := newEndpoints()
	go follow(ctx, plan, endpoints)
	if err := endpoints.wait(ctx, services(plan)); err != nil {
		return err
	}
	fmt.Println("sending")
	sender := &sender{
		record: record,
		client: &http.Client{
			Timeout:   time.Duration(plan.TimeoutSeconds * float64(time.Second)),
			Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
		},
	}
	var streams sync.WaitGroup
	start := time.Now()
	for index, app := range plan.Apps {
		streams.Go(func() {
			times := newArrivals(plan.Seed, uint64(index), app.Rate)
			for at := start.Add(times.next()); sleepUntil(ctx, at); at = at.Add(times.next()) {
				sender.send(request{kind: "request", app: app.Name, at: at, endpoint: endpoints.pick(app.Name)})
			}
		})
	}
	for index, probe := range plan.Probes {
		streams.Go(func() {
			times := newArrivals(plan.Seed, uint64(1000+index), probe.Rate)
			for at := start.Add(times.next()); sleepUntil(ctx, at); at = at.Add(times.next()) {
				for _, endpoint := range endpoints.all(probe.Service) {
					sender.send(request{kind: "probe", app: probe.App, at: at, endpoint: endpoint, query: "?cost=" + probe.Cost})
				}
			}
		})
	}
	streams.Wait()
	sender.waiting.Wait()
	return record.close()
}

func readPlan(file string) (Plan, error) {
	plan := Plan{TimeoutSeconds: 10}
	text, err := os.ReadFile(file)
	if err != nil {
		return plan, err
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		return plan, fmt.Errorf("%s: %w", file, err)
	}
	return plan, nil
}

func services(plan Plan) []string {
	var names []string
	for _, app := range plan.Apps {
		names = append(names, app.Name)
	}
	for _, probe := range plan.Probes {
		names = append(names, probe.Service)
	}
	return names
}

// arrivals are the times between the requests of a Poisson process.
type arrivals struct {
	random *rand.Rand
	rate   float64
}

func newArrivals(seed, stream uint64, rate float64) arrivals {
	return arrivals{rand.New(rand.NewPCG(seed, stream)), rate}
}

func (a arrivals) next() time.Duration {
	return time.Duration(a.random.ExpFloat64() / a.rate * float64(time.Second))
}

// sleepUntil is false when ctx ended first.
func sleepUntil(ctx context.Context, at time.Time) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Until(at)):
		return true
	}
}
