package download

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		"https://go.dev/dl/":                              "https://go.dev/dl/",
		"https://user:secret@go.dev/dl/":                  "https://***@go.dev/dl/",
		"https://token@go.dev":                            "https://***@go.dev",
		"https://u:p@q@go.dev/":                           "https://***@go.dev/",
		"https://goproxy.cn/golang.org/toolchain/@v/list": "https://goproxy.cn/golang.org/toolchain/@v/list",
		"a http://u:p@a/ b http://u:p@b/":                 "a http://***@a/ b http://***@b/",
		"mail someone@example.org":                        "mail someone@example.org",
	} {
		require.Equal(t, want, Redact(text))
	}
}

// No error and no log line shows a password, wherever it came from.
func TestErrorsHideSecrets(t *testing.T) {
	s := newServer(t, nil)
	s.script = func(n int, w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/404":
			w.WriteHeader(404)
		case "/500":
			w.WriteHeader(500)
		case "/reset":
			hangUp(w, true)
		case "/ftp":
			w.Header().Set("Location", "ftp://user:secret@host/")
			w.WriteHeader(302)
		case "/malformed":
			w.Header().Set("Location", "http://user:secret@host:port/")
			w.WriteHeader(302)
		case "/loop":
			w.Header().Set("Location", "http://user:secret@"+r.Host+"/loop")
			w.WriteHeader(302)
		}
		return true
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	host := strings.TrimPrefix(s.URL, "http://")
	urls := []string{
		"http://user:secret@" + strings.TrimPrefix(closed.URL, "http://"),
		"http://user:secret@host:port/", "http://user:sec/secret@host/", "http://user:%zzsecret@host/",
		"http://user: secret@host/", "ftp://user:secret@host/", "file://user:secret@host/x", "://user:secret@host/",
	}
	for _, path := range []string{"404", "500", "reset", "ftp", "malformed", "loop"} {
		urls = append(urls, "http://user:secret@"+host+"/"+path)
	}
	for _, url := range urls {
		t.Run(strings.ReplaceAll(url, "/", "_"), func(t *testing.T) {
			c, _ := newClient(t)
			var said []string
			c.Log = func(line string) { said = append(said, line) }
			_, err := c.Get(context.Background(), url, nil, 10)
			require.Error(t, err)
			said = append(said, err.Error())
			_, err = c.Open(context.Background(), url, partPath(t))
			require.Error(t, err)
			said = append(said, err.Error())
			_, err = c.Head(context.Background(), url)
			require.Error(t, err)
			said = append(said, err.Error())
			for _, line := range said {
				require.NotContains(t, line, "secret")
				require.NotContains(t, line, "\n")
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/hop/", func(w http.ResponseWriter, r *http.Request) {
		var left int
		_, _ = fmt.Sscanf(r.URL.Path, "/hop/%d", &left)
		if left == 0 {
			_, _ = w.Write([]byte("hello"))
			return
		}
		http.Redirect(w, r, fmt.Sprintf("/hop/%d", left-1), http.StatusFound)
	})
	mux.HandleFunc("/ping", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/pong", http.StatusFound) })
	mux.HandleFunc("/pong", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/ping", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	mux.HandleFunc("/nowhere", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(302) })
	plain := httptest.NewServer(mux)
	defer plain.Close()
	mux.HandleFunc("/down", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL+"/hop/0", http.StatusFound)
	})
	secure := httptest.NewTLSServer(mux)
	defer secure.Close()

	for _, tt := range []struct{ url, want string }{
		{plain.URL + "/hop/10", ""},
		{plain.URL + "/hop/11", "more than 10 redirects"},
		{plain.URL + "/ping", "redirect loop at " + plain.URL + "/ping"},
		{plain.URL + "/file", "redirect to file:///etc/passwd refused"},
		{plain.URL + "/nowhere", "302 Found"},
		{plain.URL + "/down", ""},
		{secure.URL + "/hop/1", ""},
		{secure.URL + "/down", "redirect from https to " + plain.URL + "/hop/0 refused"},
	} {
		t.Run(tt.url, func(t *testing.T) {
			c, n := newClient(t)
			c.HTTP = secure.Client()
			doc, err := c.Get(context.Background(), tt.url, nil, 10)
			require.Empty(t, n.each, "a redirect that is refused once is refused again")
			if tt.want == "" {
				require.NoError(t, err)
				require.Equal(t, "hello", string(doc.Body))
				return
			}
			require.EqualError(t, err, "get "+tt.url+": "+tt.want)
		})
	}
}

// A certificate that nobody signed and a name that does not exist stay so.
func TestFinalFaults(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	transport := NewTransport(nil)
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}
	for _, url := range []string{secure.URL, "http://go.invalid/", "ftp://localhost/"} {
		c, n := newClient(t)
		if url == "http://go.invalid/" {
			c.HTTP = New(transport).HTTP
		}
		_, err := c.Get(context.Background(), url, nil, 10)
		require.Error(t, err)
		require.Empty(t, n.each)
	}
}
