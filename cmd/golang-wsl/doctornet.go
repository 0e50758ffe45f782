package main

import (
	"context"
	"net/http"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
)

// servers are doctor.Network as the go command would ask them. Their answers are
// small.
type servers struct{ client *network.Client }

func newServers() doctor.Network {
	return servers{&network.Client{
		Transport: download.NewTransport(http.ProxyFromEnvironment),
		UserAgent: "golang-wsl/" + buildVersion(), Limit: 1 << 20,
	}}
}

func (s servers) Get(ctx context.Context, url string) (*network.Trip, error) {
	return s.client.Get(ctx, url)
}

func (s servers) Resolve(ctx context.Context, host string) (time.Duration, error) {
	return network.Resolve(ctx, nil, host)
}

func (s servers) Dial(ctx context.Context, address string) error {
	return network.Dial(ctx, address)
}

func (s servers) Proxy(url string) (string, error) { return s.client.ProxyOf(url) }
