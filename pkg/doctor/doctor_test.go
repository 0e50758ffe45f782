package doctor

import (
	"context"
	"errors"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// saying is a check with a fixed answer.
func saying(id string, s Status) Check {
	return Check{ID: id, Why: "why", Cure: "cure", Look: func(context.Context, *Machine) Finding { return Finding{Status: s, Text: id} }}
}

func TestRunLeavesBehindWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		hangs := Check{ID: "hangs", Reads: "a drive", Look: func(context.Context, *Machine) Finding {
			<-release // as a system call does, which knows nothing of contexts
			return Finding{Status: OK}
		}}
		begin := time.Now()
		results, err := Run(t.Context(), nil, []Check{saying("a", OK), hangs, saying("b", Warning)}, 5*time.Second)
		require.NoError(t, err)
		require.Equal(t, 5*time.Second, time.Since(begin))
		require.Equal(t, []Status{OK, Timeout, Warning}, []Status{results[0].Status, results[1].Status, results[2].Status})
		require.Equal(t, "no answer within 5s", results[1].Finding)
		require.Contains(t, results[1].Cure, "a drive")
		require.Empty(t, results[0].Cure)
		require.Equal(t, "cure", results[2].Cure)
	})
}

func TestRunAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := Check{Look: func(context.Context, *Machine) Finding {
			time.Sleep(time.Second)
			return Finding{Status: OK}
		}}
		begin := time.Now()
		_, err := Run(t.Context(), nil, []Check{slow, slow, slow}, time.Minute)
		require.NoError(t, err)
		require.Equal(t, time.Second, time.Since(begin))
	})
}

func TestRunCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Run(ctx, nil, []Check{saying("a", OK)}, time.Minute)
	require.ErrorIs(t, err, context.Canceled)
}

// One fault, one alarm, and the exit code is that of the fault. Who was not asked, or
// has found less, is not the cause.
func TestRunNamesTheCause(t *testing.T) {
	follows := func(id, cause string) Check {
		return Check{ID: id, Why: "why", Cure: "cure", Look: func(context.Context, *Machine) Finding {
			return Finding{Status: Error, Text: id, Cure: "cure", Evidence: []string{"seen"}, Because: cause}
		}}
	}
	for _, cause := range []Status{OK, Info, Skipped, Timeout, Warning, Error} {
		results, err := Run(t.Context(), nil, []Check{follows("last", "middle"), follows("middle", "first"), saying("first", cause)}, time.Minute)
		require.NoError(t, err)
		last, middle := results[0], results[1]
		require.Equal(t, Info, last.Status, "by what was found, not by what is shown")
		require.Equal(t, "last; see middle", last.Finding)
		require.Empty(t, last.Cure)
		require.Equal(t, []string{"seen"}, last.Evidence)
		require.Equal(t, cause == Error, middle.Status == Info, cause)
		require.Equal(t, cause != Error, middle.Finding == "middle", cause)
		require.Equal(t, Error, Worst(results))
	}
	results, err := Run(t.Context(), nil, []Check{follows("last", "middle")}, time.Minute)
	require.NoError(t, err)
	require.Equal(t, Error, results[0].Status, "the cause was not looked for")
}

func TestWorst(t *testing.T) {
	for _, test := range []struct {
		statuses string
		want     Status
	}{
		{"", OK}, {"ok info skipped", OK}, {"info warning ok", Warning}, {"timeout ok", Warning}, {"error warning", Error}, {"warning error ok", Error},
	} {
		var results []Result
		for s := range strings.FieldsSeq(test.statuses) {
			results = append(results, Result{Status: Status(s)})
		}
		require.Equal(t, test.want, Worst(results), test.statuses)
	}
}

func TestChoose(t *testing.T) {
	chosen, err := Choose(Checks(), []string{"goroot", "wsl-kind", "goroot"})
	require.NoError(t, err)
	require.Len(t, chosen, 2)
	require.Equal(t, "wsl-kind", chosen[0].ID)
	_, err = Choose(Checks(), []string{"wls-kind"})
	var unknown *UnknownError
	require.True(t, errors.As(err, &unknown))
	require.Equal(t, "wsl-kind", unknown.Near)
	_, err = Choose(Checks(), []string{"weather"})
	require.True(t, errors.As(err, &unknown))
	require.Empty(t, unknown.Near)
}

func TestChecksExplainThemselves(t *testing.T) {
	ids := make(map[string]bool)
	for _, c := range Checks() {
		require.Regexp(t, regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`), c.ID)
		require.False(t, ids[c.ID], "%s is there twice", c.ID)
		ids[c.ID] = true
		for _, text := range []string{c.Title, c.Reads, c.Decides, c.Why} {
			require.NotEmpty(t, text, c.ID)
			require.NotRegexp(t, `[\n|]|\.$`, text, "%s: one cell of a table", c.ID)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the table of docs/doctor.md")

// docs/doctor.md has the checks that there are, in the words that they have.
func TestDocumentHasTheChecks(t *testing.T) {
	const file = "../../docs/doctor.md"
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var b strings.Builder
	for _, c := range Checks() {
		b.WriteString("| `" + c.ID + "` | " + c.Title + " | " + c.Reads + " | " + c.Decides + " |\n")
	}
	before, after, ok := strings.Cut(string(text), "| --- | --- | --- | --- |\n")
	require.True(t, ok)
	table, rest, _ := strings.Cut(after, "\n\n")
	if *update {
		text := before + "| --- | --- | --- | --- |\n" + b.String() + "\n" + rest
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		return
	}
	require.Equal(t, b.String(), table+"\n")
}

// This machine, whatever it is, makes no check fall over or wait.
func TestThisMachine(t *testing.T) {
	root := os.DirFS("/")
	dir, err := os.Getwd()
	require.NoError(t, err)
	m := &Machine{Root: root, Env: os.Getenv, Dir: dir, Report: wsl.Detect(wsl.Machine{Root: root, Env: os.Getenv}), Now: time.Now()}
	m.DataDirs = map[wsl.Kind]string{m.Report.Kind: t.TempDir()}
	results, err := Run(t.Context(), m, Checks(), time.Minute)
	require.NoError(t, err)
	require.Len(t, results, len(Checks()))
	for _, r := range results {
		require.NotEmpty(t, r.Finding, r.ID)
		require.NotEqual(t, Timeout, r.Status, r.ID)
		// A system that runs these tests has what Go needs; what its user has set is
		// the user's.
		if r.ID == "tools" || r.ID == "mount-lines" || r.ID == "wsl-conf" && m.Report.Kind == wsl.Native {
			require.False(t, r.Status.IsProblem(), "%+v", r)
		}
	}
}
