package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

// follow keeps endpoints up to date until ctx ends. While the API server does not answer, what was known stays.
func follow(ctx context.Context, plan Plan, endpoints *endpoints) {
	for ctx.Err() == nil {
		if err := followOnce(ctx, plan, endpoints); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "workload: following endpoints:", err)
		}
		sleepUntil(ctx, time.Now().Add(500*time.Millisecond))
	}
}

func followOnce(ctx context.Context, plan Plan, endpoints *endpoints) error {
	client, err := clientOf(plan)
	if err != nil {
		return err
	}
	path := fmt.Sprintf("%s/apis/discovery.k8s.io/v1/namespaces/%s/endpointslices", plan.Server, plan.Namespace)
	var list struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
		Items []slice `json:"items"`
	}
	response, err := get(ctx, client, plan, path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		return err
	}
	endpoints.replace(list.Items)
	watch, err := get(ctx, client, plan, path+"?watch=1&resourceVersion="+list.Metadata.ResourceVersion)
	if err != nil {
		return err
	}
	defer watch.Body.Close()
	events := json.NewDecoder(watch.Body)
	for {
		var event struct {
			Type   string `json:"type"`
			Object slice  `json:"object"`
		}
		if err := events.Decode(&event); err != nil {
			return err
		}
		switch event.Type {
		case "ADDED", "MODIFIED":
			endpoints.put(event.Object)
		case "DELETED":
			endpoints.remove(event.Object)
		case "ERROR":
			return fmt.Errorf("the watch ended")
		}
	}
}

func clientOf(plan Plan) (*http.Client, error) {
	authority, err := os.ReadFile(plan.CAFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}, nil
}

func get(ctx context.Context, client *http.Client, plan Plan, url string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+plan.Token)
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("%s answers %s", url, response.Status)
	}
	return response, nil
}
