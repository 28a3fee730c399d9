package serve

import (
	"fmt"
	"io"
	"sort"
	"sync"
	"time"
)

// Upper bounds of the buckets in seconds.
var bounds = []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10}

// histogram is http_request_duration_seconds in Prometheus' text format.
type histogram struct {
	mutex  sync.Mutex
	counts []uint64
	sum    float64
}

func newHistogram() *histogram { return &histogram{counts: make([]uint64, len(bounds)+1)} }

func (h *histogram) observe(duration time.Duration) {
	seconds := duration.Seconds()
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.counts[sort.SearchFloat64s(bounds, seconds)]++
	h.sum += seconds
}

func (h *histogram) write(w io.Writer) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	const name = "http_request_duration_seconds"
	fmt.Fprintf(w, "# HELP %s Time from a request's arrival to its answer.\n# TYPE %s histogram\n", name, name)
	total := uint64(0)
	for index, bound := range bounds {
		total += h.counts[index]
		fmt.Fprintf(w, "%s_bucket{le=\"%g\"} %d\n", name, bound, total)
	}
	total += h.counts[len(bounds)]
	fmt.Fprintf(w, "%s_bucket{le=\"+Inf\"} %d\n%s_sum %g\n%s_count %d\n", name, total, name, h.sum, name, total)
}
