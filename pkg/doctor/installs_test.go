package doctor

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// slow is a tree where a look at a file takes its time.
type slow struct{ fstest.MapFS }

func (s slow) Stat(name string) (fs.FileInfo, error) {
	if strings.Contains(name, "/go/src/") {
		time.Sleep(100 * time.Millisecond)
	}
	return s.MapFS.Stat(name)
}

// What cannot be looked at in time is no alarm, and is said before the check is
// taken for one that hangs. What was found until then is.
func TestModifiedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := readMachine(t, "wsl2")
		dir := "home/me/.asdf-wsl2/installs/golang-wsl/1.25.3/"
		empty := strings.Fields(string(d.fs[dir+".golang-wsl.sums"].Data))[2]
		var sums strings.Builder
		for i := range 100 {
			name := fmt.Sprintf("go/src/%02d", i)
			d.fs[dir+name] = &fstest.MapFile{Mode: 0o644}
			fmt.Fprintf(&sums, "%s  %s\n", empty, name)
		}
		d.fs[dir+".golang-wsl.sums"] = &fstest.MapFile{Data: []byte(sums.String()), Mode: 0o644}
		look := func() Result {
			m := d.machine()
			m.Root = slow{d.fs}
			checks, err := Choose(Checks(), []string{"installs-modified"})
			require.NoError(t, err)
			begin := time.Now()
			results, err := Run(t.Context(), m, checks, 5*time.Second)
			require.NoError(t, err)
			require.Less(t, time.Since(begin), 5*time.Second)
			return results[0]
		}
		r := look()
		require.Equal(t, Info, r.Status)
		require.Equal(t, "not all looked at in time: 1.25.3", r.Finding)
		delete(d.fs, dir+"go/src/07")
		r = look()
		require.Equal(t, Warning, r.Status)
		require.Equal(t, "files that are not as released: 1.25.3 (1); not all looked at in time: 1.25.3", r.Finding)
	})
}

// The sums of a release are longer than what is read of other files.
func TestModifiedReadsAllSums(t *testing.T) {
	d := readMachine(t, "wsl2")
	dir := "home/me/.asdf-wsl2/installs/golang-wsl/1.25.3/"
	sums := string(d.fs[dir+".golang-wsl.sums"].Data)
	first, _, _ := strings.Cut(sums, "\n")
	long := strings.Repeat(first+"\n", 2*limit/len(first)) + strings.ReplaceAll(first, "go/VERSION", "go/gone") + "\n"
	d.fs[dir+".golang-wsl.sums"] = &fstest.MapFile{Data: []byte(long), Mode: 0o644}
	r := ask(t, d, "installs-modified")
	require.Equal(t, []string{"1.25.3: missing go/gone"}, r.Evidence)
}
