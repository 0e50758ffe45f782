package checksumdb_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
)

const childEnv = "CHECKSUMDB_TEST_CHILD" // GOSUMDB, a tab, CacheDir, a tab, versions

func TestMain(m *testing.M) {
	if child := os.Getenv(childEnv); child != "" {
		if err := lookupAll(strings.Split(child, "\t")); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// lookupAll is the child: it waits for the word and looks up its versions.
func lookupAll(args []string) error {
	if _, err := io.ReadAll(os.Stdin); err != nil {
		return err
	}
	for _, version := range args[2:] {
		db, err := checksumdb.Open(checksumdb.Options{GOSUMDB: args[0], CacheDir: args[1], Download: downloader()})
		if err != nil {
			return err
		}
		rec, err := db.Lookup(context.Background(), mod, version)
		if err != nil {
			return err
		}
		fmt.Println(version, rec.H1)
	}
	return nil
}

// Eight processes move one head forward at once: all succeed, and the head that
// stays is signed and as new as the newest that any of them was given.
func TestProcesses(t *testing.T) {
	f := newFake(t)
	f.history.grow(t, "old", 300)
	dir := t.TempDir()
	const processes, each = 8, 6
	var wg sync.WaitGroup
	var start []io.Closer
	for p := range processes {
		args := []string{f.vkey + " " + f.url, dir}
		var want strings.Builder
		for i := range each {
			version := fmt.Sprintf("v0.0.1-p%d.%d", p, i)
			args = append(args, version)
			fmt.Fprintln(&want, version, f.history.h1(mod, version))
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+strings.Join(args, "\t"))
		stdin, err := cmd.StdinPipe()
		require.NoError(t, err)
		start = append(start, stdin)
		wg.Go(func() {
			out, err := cmd.CombinedOutput()
			if err != nil || string(out) != want.String() {
				t.Errorf("process %d: %v\n%s", p, err, out)
			}
		})
	}
	for _, stdin := range start {
		require.NoError(t, stdin.Close())
	}
	wg.Wait()

	head, err := os.ReadFile(filepath.Join(dir, f.name, "latest"))
	require.NoError(t, err)
	verifier, err := note.NewVerifier(f.vkey)
	require.NoError(t, err)
	signed, err := note.Open(head, note.VerifierList(verifier))
	require.NoError(t, err)
	tree, err := tlog.ParseTree([]byte(signed.Text))
	require.NoError(t, err)
	require.EqualValues(t, 300+processes*each, tree.N)
	for name := range snapshot(t, dir) {
		require.NotContains(t, filepath.Base(name), ".latest", "no temporary file stays")
	}
}
