package goproxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

// Limits for documents, in bytes. The list has some 30 bytes for each of a few
// thousand toolchains; a proxy that caches lists only those it has seen.
const (
	listLimit = 16 << 20
	infoLimit = 1 << 20
)

// A Client asks the proxies of a list for toolchains, by the rules of the list.
type Client struct {
	Proxies  List
	Download *download.Client
}

// An Info is a proxy's .info answer.
type Info struct {
	Version string    // the module version
	Time    time.Time // when it was published
}

// An AnswerError says that a server answered with success, but with something that
// the protocol does not know: a login page, half a document, another version.
type AnswerError struct {
	URL    string // redacted
	Reason string // what is wrong with it, to be read after "answer"
}

func (e *AnswerError) Error() string { return fmt.Sprintf("answer of %s %s", e.URL, e.Reason) }

// List returns the module versions of all toolchains that the first proxy to answer
// knows, in its order, for example "v0.0.1-go1.22.5.linux-amd64". See [ParseModuleVersion].
func (c *Client) List(ctx context.Context) ([]string, error) {
	var list []string
	err := c.Proxies.Each(ctx, func(p Proxy) error {
		body, url, err := c.get(ctx, p, ModulePath+"/@v/list", listLimit)
		if err != nil {
			return err
		}
		list, err = parseList(url, body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list toolchains: %w", err)
	}
	return list, nil
}

// parseList takes the first word of each line. cmd/go skips what is no version; a
// text in which nothing is one is not a list at all, but a page with status 200.
func parseList(url string, body []byte) ([]string, error) {
	var list []string
	for line := range strings.Lines(string(body)) {
		if f := strings.Fields(line); len(f) > 0 {
			if _, _, _, ok := ParseModuleVersion(f[0]); ok {
				list = append(list, f[0])
			}
		}
	}
	if len(list) == 0 && len(strings.TrimSpace(string(body))) > 0 {
		return nil, &AnswerError{url, "is not a list of versions"}
	}
	return list, nil
}

// Info returns what the first proxy that has the module version says about it.
func (c *Client) Info(ctx context.Context, version string) (*Info, error) {
	path, err := Path(version, "info")
	if err != nil {
		return nil, fmt.Errorf("read info of %s: %w", version, err)
	}
	info := new(Info)
	err = c.Proxies.Each(ctx, func(p Proxy) error {
		body, url, err := c.get(ctx, p, path, infoLimit)
		if err != nil {
			return err
		}
		*info = Info{}
		if err := json.Unmarshal(body, info); err != nil {
			return &AnswerError{url, "is not JSON: " + err.Error()}
		}
		if info.Version != version {
			return &AnswerError{url, fmt.Sprintf("is about version %q", info.Version)}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read info of %s: %w", version, err)
	}
	return info, nil
}

// Zip finds the first proxy that has the zip of the module version, by asking for
// its head, and returns its address (with the password, if there is one) and its
// size in bytes, -1 if the proxy does not say.
func (c *Client) Zip(ctx context.Context, version string) (url string, size int64, err error) {
	path, err := Path(version, "zip")
	if err != nil {
		return "", 0, fmt.Errorf("find zip of %s: %w", version, err)
	}
	err = c.Proxies.Each(ctx, func(p Proxy) (err error) {
		url = p.Join(path)
		size, err = c.Download.Head(ctx, url)
		return err
	})
	if err != nil {
		return "", 0, fmt.Errorf("find zip of %s: %w", version, err)
	}
	return url, size, nil
}

// ZipURLs returns where each proxy would keep the zip of the module version.
// Unlike [Client.Zip] it asks nobody; the fall-through rules are then the caller's.
func (c *Client) ZipURLs(version string) ([]string, error) {
	path, err := Path(version, "zip")
	if err != nil {
		return nil, fmt.Errorf("find zip of %s: %w", version, err)
	}
	var urls []string
	for _, p := range c.Proxies.Proxies() {
		urls = append(urls, p.Join(path))
	}
	return urls, nil
}

// get reads a small document below a proxy and returns its redacted address with it.
func (c *Client) get(ctx context.Context, p Proxy, path string, limit int64) ([]byte, string, error) {
	url := p.Join(path)
	doc, err := c.Download.Get(ctx, url, nil, limit)
	if errors.Is(err, download.ErrTooLarge) {
		return nil, "", &AnswerError{download.Redact(url), fmt.Sprintf("is larger than %d bytes", limit)}
	} else if err != nil {
		return nil, "", err
	}
	return doc.Body, download.Redact(url), nil
}
