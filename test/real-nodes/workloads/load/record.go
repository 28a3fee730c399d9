package load

import (
	"bufio"
	"fmt"
	"os"
	"sync"
	"time"
)

// record is a CSV file, one line per request.
type record struct {
	mutex  sync.Mutex
	file   *os.File
	buffer *bufio.Writer
}

func openRecord(name string) (*record, error) {
	file, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	r := &record{file: file, buffer: bufio.NewWriterSize(file, 1<<16)}
	fmt.Fprintln(r.buffer, "kind,time_ms,app,node,pod,latency_ms,status")
	return r, nil
}

// write notes a request by the time that it was due, and its latency since then.
func (r *record) write(of request, latency time.Duration, status string) {
	at := endpoint{}
	if of.endpoint != nil {
		at = *of.endpoint
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	fmt.Fprintf(r.buffer, "%s,%d,%s,%s,%s,%.3f,%s\n",
		of.kind, of.at.UnixMilli(), of.app, at.node, at.pod, latency.Seconds()*1000, status)
}

func (r *record) close() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err := r.buffer.Flush(); err != nil {
		return err
	}
	return r.file.Close()
}
