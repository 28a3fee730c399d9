package load

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// endpoint is a pod that is ready.
type endpoint struct {
	address, pod, node string
}

// endpoints are what EndpointSlices say is ready, by Service.
type endpoints struct {
	mutex  sync.Mutex
	slices map[string]slice
	turn   map[string]int
}

func newEndpoints() *endpoints {
	return &endpoints{slices: map[string]slice{}, turn: map[string]int{}}
}

// slice is an EndpointSlice as the API server writes it.
type slice struct {
	Metadata struct {
		Name            string            `json:"name"`
		ResourceVersion string            `json:"resourceVersion"`
		Labels          map[string]string `json:"labels"`
	} `json:"metadata"`
	Endpoints []struct {
		Addresses []string `json:"addresses"`
		NodeName  string   `json:"nodeName"`
		TargetRef struct {
			Name string `json:"name"`
		} `json:"targetRef"`
		Conditions struct {
			Ready *bool `json:"ready"`
		} `json:"conditions"`
	} `json:"endpoints"`
	Ports []struct {
		Port int `json:"port"`
	} `json:"ports"`
}

func (e *endpoints) replace(all []slice) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	clear(e.slices)
	for _, one := range all {
		e.slices[one.Metadata.Name] = one
	}
}

func (e *endpoints) put(one slice) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.slices[one.Metadata.Name] = one
}

func (e *endpoints) remove(one slice) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	delete(e.slices, one.Metadata.Name)
}

// all ready endpoints of a Service, by node and pod.
func (e *endpoints) all(service string) []*endpoint {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	var ready []*endpoint
	for _, one := range e.slices {
		if one.Metadata.Labels["kubernetes.io/service-name"] != service || len(one.Ports) == 0 {
			continue
		}
		for _, of := range one.Endpoints {
			// Without the condition it is taken to be ready.
			if (of.Conditions.Ready != nil && !*of.Conditions.Ready) || len(of.Addresses) == 0 {
				continue
			}
			address := net.JoinHostPort(of.Addresses[0], strconv.Itoa(one.Ports[0].Port))
			ready = append(ready, &endpoint{address: address, pod: of.TargetRef.Name, node: of.NodeName})
		}
	}
	slices.SortFunc(ready, func(left, right *endpoint) int {
		if left.address < right.address {
			return -1
		}
		return 1
	})
	return ready
}

// pick takes the ready endpoints of a Service in turns; nil when there is none.
func (e *endpoints) pick(service string) *endpoint {
	ready := e.all(service)
	if len(ready) == 0 {
		return nil
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.turn[service]++
	return ready[e.turn[service]%len(ready)]
}

// wait returns when every Service has an endpoint.
func (e *endpoints) wait(ctx context.Context, services []string) error {
	for _, service := range services {
		for len(e.all(service)) == 0 {
			if !sleepUntil(ctx, time.Now().Add(100*time.Millisecond)) {
				return fmt.Errorf("service %s has no ready endpoint", service)
			}
		}
	}
	return nil
}
