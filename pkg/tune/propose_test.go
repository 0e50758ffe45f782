package tune_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/tune"
)

const (
	fast, slow, other = "https://fast.example", "https://slow.example", "https://other.example"
	mine, second      = "https://me:hunter2@mine.example", "https://second.example/go"
	golang, china     = "sum.golang.org", "sum.golang.google.cn"
)

var errDown = errors.New("refused by the test")

// The samples of a candidate, one a round. A round is its total in milliseconds,
// or a word: "down", "lies", and for the look-up "none" and "fails".
func samples(rounds ...any) (list []tune.Sample) {
	for _, round := range rounds {
		ms := func(n int) tune.Sample {
			d := time.Duration(n) * time.Millisecond
			return tune.Sample{Total: d, FirstByte: d, Lookup: d}
		}
		switch round {
		case "down":
			list = append(list, tune.Sample{Err: errDown, LookupErr: errDown})
		case "lies":
			list = append(list, tune.Sample{Err: &tune.Lie{Text: "other files", Want: "h1:a", Got: "h1:b"}})
		case "none":
			s := ms(10)
			s.LookupErr = tune.ErrNotRelayed
			list = append(list, s)
		case "fails":
			s := ms(10)
			s.LookupErr = errDown
			list = append(list, s)
		default:
			list = append(list, ms(round.(int)))
		}
	}
	return list
}

func parse(t *testing.T, setting string) goproxy.List {
	t.Helper()
	list, err := goproxy.Parse(setting)
	require.NoError(t, err)
	return list
}

// report has fast, slow and other as public proxies, and those databases that are
// among the rounds.
func report(t *testing.T, now tune.Setting, rounds map[string][]tune.Sample) *tune.Report {
	standard := tune.Setting{Proxies: parse(t, fast+","+slow+","+other+",direct"), Database: golang}
	r := &tune.Report{Database: now.Database, Rounds: 3}
	for _, c := range tune.Candidates(now, standard, nil) {
		if list, ok := rounds[c.Value]; ok {
			r.Results = append(r.Results, tune.Result{Candidate: c, Samples: list, Summary: tune.Summarize(list)})
		} else if c.Kind == tune.Database {
			list := samples(50, 50, 50)
			r.Results = append(r.Results, tune.Result{Candidate: c, Samples: list, Summary: tune.Summarize(list)})
		}
	}
	return r
}

func TestPropose(t *testing.T) {
	even, down := samples(100, 110, 120), samples("down", "down", "down")
	const fileProxy = "file:///srv/modules"
	for name, tt := range map[string]struct {
		now, database  string // sum.golang.org if it is ""
		rounds         map[string][]tune.Sample
		want, wantSums string // wantSums is the one that is there, if it is ""
		reasons        []string
	}{
		"what is there is best": {
			now: fast + ",direct", rounds: map[string][]tune.Sample{fast: samples(100, 110, 120), slow: samples(800, 840, 900)},
			want:    fast + ",direct",
			reasons: []string{"https://fast.example takes 110 ms, the median of 3 rounds", "https://slow.example (840 ms) is not taken in"},
		},
		"a faster one in front": {
			now: slow + ",direct", rounds: map[string][]tune.Sample{fast: samples(200, 210, 250), slow: samples(800, 840, 900)},
			want:    fast + "," + slow + ",direct",
			reasons: []string{"https://fast.example before https://slow.example: 210 ms against 840 ms, medians of 3 rounds"},
		},
		"a cold first round hides no difference": {
			now: slow + ",direct", rounds: map[string][]tune.Sample{fast: samples(900, 200, 200), slow: samples(1500, 800, 800)},
			want: fast + "," + slow + ",direct",
		},
		"no reason to change the order": {
			now: slow + "," + fast + ",direct", rounds: map[string][]tune.Sample{fast: samples(100, 110, 120), slow: samples(105, 112, 300)},
			want: slow + "," + fast + ",direct", reasons: []string{"with no clear difference: 112 ms and 110 ms"},
		},
		"a tenth is nothing": {
			now: slow + "," + fast + ",direct", rounds: map[string][]tune.Sample{fast: samples(100, 100, 100), slow: samples(105, 105, 105)},
			want: slow + "," + fast + ",direct",
		},
		"half down": {
			now: fast + "," + slow + ",direct", rounds: map[string][]tune.Sample{fast: samples(50, "down", 50), slow: samples(800, 800, 800)},
			want:    slow + "," + fast + "|direct",
			reasons: []string{"https://fast.example failed in 1 of 3 rounds (refused by the test): a pipe behind it"},
		},
		"half down, and another takes its place": {
			now: fast + ",direct", rounds: map[string][]tune.Sample{fast: samples(50, "down", 50), slow: samples("down", 60, "down"), other: samples(900, 900, 900)},
			want: other + "," + fast + "|direct",
		},
		"nothing is steady": {
			now: fast + ",direct", rounds: map[string][]tune.Sample{fast: samples(50, "down", 50), slow: samples("down", 5, "down")},
			want: slow + "|" + fast + "|direct",
		},
		"nothing in use works, and nothing else is steady": {
			now: fast + ",direct", rounds: map[string][]tune.Sample{fast: down, slow: samples(50, "down", 50), other: samples(50, 50, "down")},
			want: slow + "|" + other + "|direct",
		},
		"one that was slow twice may have had a bad day": {
			now: slow + ",direct", rounds: map[string][]tune.Sample{fast: samples(200, 210, 250), slow: samples(90, 840, 900)},
			want: slow + ",direct",
		},
		"down is left out": {
			now: fast + "," + slow + ",direct", rounds: map[string][]tune.Sample{fast: down, slow: even},
			want: slow + ",direct", reasons: []string{"https://fast.example is left out: down, refused by the test"},
		},
		"a liar is left out, however fast, though it lied once": {
			now: fast + "," + slow + ",direct", rounds: map[string][]tune.Sample{fast: samples(1, 1, "lies"), slow: even},
			want: slow + ",direct", reasons: []string{"https://fast.example is left out: it lies, other files: h1:b instead of h1:a"},
		},
		"nothing works":             {now: fast + ",direct", rounds: map[string][]tune.Sample{fast: down, slow: down}, want: ""},
		"nothing works, but a liar": {now: fast + ",direct", rounds: map[string][]tune.Sample{fast: down, slow: samples("lies", 1, 1)}, want: ""},
		"off stays":                 {now: slow + "|off", rounds: map[string][]tune.Sample{fast: even, slow: down}, want: fast + ",off"},
		"off alone":                 {now: "off", rounds: map[string][]tune.Sample{fast: even}, want: fast + ",off"},
		"direct alone":              {now: "direct", rounds: map[string][]tune.Sample{fast: even}, want: fast + ",direct"},
		"direct is added":           {now: fast, rounds: map[string][]tune.Sample{fast: even}, want: fast + ",direct"},

		"one's own stays in front": {
			now: mine + "|" + slow + ",direct", rounds: map[string][]tune.Sample{mine: samples(900, 900, 900), fast: even, slow: samples(800, 800, 800)},
			want: mine + "|" + fast + "," + slow + ",direct", reasons: []string{"https://me:xxxxx@mine.example keeps its place: it is your own"},
		},
		"even when it is down": {
			now: mine + "," + slow + ",direct", rounds: map[string][]tune.Sample{mine: down, slow: even},
			want: mine + "," + slow + ",direct", reasons: []string{"keeps its place, though it does not work now (refused by the test)"},
		},
		"several, with their separators": {
			now:    mine + "|" + second + "," + slow + ",direct",
			rounds: map[string][]tune.Sample{mine: even, second: down, slow: even}, want: mine + "|" + second + "," + slow + ",direct",
		},
		"one's own behind the public ones stays there": {
			now: slow + "," + mine + ",direct", rounds: map[string][]tune.Sample{mine: down, fast: even, slow: down},
			want: fast + "," + mine + ",direct",
		},
		"several behind the public ones": {
			now: slow + "," + mine + "|" + second + ",direct", rounds: map[string][]tune.Sample{mine: down, second: even, slow: even},
			want: slow + "," + mine + "|" + second + ",direct",
		},
		"a directory for bad days": {
			now: slow + "|" + fileProxy, rounds: map[string][]tune.Sample{fast: even, slow: down}, want: fast + "|" + fileProxy + ",direct",
		},
		"a directory in front": {
			now: fileProxy + "," + slow + ",direct", rounds: map[string][]tune.Sample{slow: even}, want: fileProxy + "," + slow + ",direct",
		},
		"one's own alone": {
			now: mine, rounds: map[string][]tune.Sample{mine: samples(900, 900, 900), fast: even},
			want: mine, reasons: []string{"no public proxy is put beside what is your own: it would learn the names of your modules"},
		},
		"one's own alone, and down": {
			now: mine + "|" + second + "|direct", rounds: map[string][]tune.Sample{mine: down, second: down, fast: even},
			want: mine + "|" + second + "|direct",
		},
		"one's own alone lies": {now: mine + ",direct", rounds: map[string][]tune.Sample{mine: samples(1, "lies", 1), fast: even}, want: ""},
		"one of one's own lies": {
			now: mine + "," + second + ",direct", rounds: map[string][]tune.Sample{mine: samples(1, "lies", 1), second: even},
			want: second + ",direct", reasons: []string{"https://me:xxxxx@mine.example is left out: it lies"},
		},

		"the database fails, another is there": {
			now: fast + ",direct", rounds: map[string][]tune.Sample{fast: samples("none", "none", "none"), golang: down, china: even},
			want: fast + ",direct", wantSums: china, reasons: []string{"checksum database sum.golang.google.cn: verified in 110 ms; from sum.golang.org no proven answer came"},
		},
		"the database is reached through a proxy alone": {
			now: fast + ",direct", rounds: map[string][]tune.Sample{fast: even, golang: down, china: even},
			want: fast + ",direct", reasons: []string{"checksum database sum.golang.org: verified through https://fast.example in 110 ms"},
		},
		"a slower database that works stays": {
			now: fast + ",direct", rounds: map[string][]tune.Sample{fast: samples("none", "none", "none"), golang: samples(900, 900, 900), china: even},
			want: fast + ",direct",
		},
		"no database": {
			now: fast + ",direct", rounds: map[string][]tune.Sample{fast: samples("none", "none", "none"), golang: down, china: down},
			want: fast + ",direct", wantSums: "-", reasons: []string{"GOSUMDB stays as it is: no checksum database gave a proven answer"},
		},
		"a database that lies": {
			now: fast + ",direct", rounds: map[string][]tune.Sample{fast: samples("none", "none", "none"), golang: samples(5, "lies", 5), china: even},
			want: fast + ",direct", wantSums: china,
		},
		"off is turned on": {
			now: fast + ",direct", database: "off", rounds: map[string][]tune.Sample{fast: even, china: down},
			want: fast + ",direct", wantSums: golang, reasons: []string{"now it is off"},
		},
		"off is turned on, with one that answers itself": {
			now: fast + ",direct", database: "off", rounds: map[string][]tune.Sample{fast: even, golang: down, china: even},
			want: fast + ",direct", wantSums: china,
		},
		"off stays where nothing can be had": {
			now: fast + ",direct", database: "off", rounds: map[string][]tune.Sample{fast: samples("none", "none", "none"), golang: down, china: down},
			want: fast + ",direct", wantSums: "-",
		},
		"a proxy that breaks look-ups": {
			now: fast + "," + slow + ",direct", rounds: map[string][]tune.Sample{fast: samples("fails", "fails", "fails"), slow: even},
			want: slow + ",direct", reasons: []string{"https://fast.example is left out: it says that it relays the checksum database, but that fails"},
		},
		"a proxy that breaks look-ups, where none go through it": {
			now: fast + "," + slow + ",direct", database: china, rounds: map[string][]tune.Sample{fast: samples("fails", "fails", "fails"), slow: even},
			want: fast + "," + slow + ",direct",
		},
		"one's own that breaks look-ups": {
			now: mine + "," + slow + ",direct", rounds: map[string][]tune.Sample{mine: samples("fails", "fails", "fails"), slow: even, china: even},
			want: mine + "," + slow + ",direct", wantSums: china,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.database == "" {
				tt.database = golang
			}
			now := tune.Setting{Proxies: parse(t, tt.now), Database: tt.database}
			p := tune.Propose(report(t, now, tt.rounds), now)
			require.Equal(t, tt.want, p.GOPROXY, p.Reasons)
			switch {
			case tt.wantSums == "-", tt.want == "":
				require.Empty(t, p.GOSUMDB)
			case tt.wantSums == "":
				require.Equal(t, tt.database, p.GOSUMDB)
			default:
				require.Equal(t, tt.wantSums, p.GOSUMDB)
			}
			require.Equal(t, tt.want == tt.now, now.Same(p.GOPROXY))
			for _, want := range tt.reasons {
				require.Contains(t, strings.Join(p.Reasons, "\n"), want)
			}
			require.NotContains(t, strings.Join(p.Reasons, "\n"), "hunter2")
		})
	}
}

// A deal is a random setting and a random report.
type deal struct {
	now    tune.Setting
	report *tune.Report
	lies   map[string]bool
}

var (
	own    = []string{mine, second, "file:///srv/modules"}
	public = []string{fast, slow, other, "https://goproxy.cn"}
)

func newDeal(t *testing.T, seed uint64) *deal {
	rng := rand.New(rand.NewPCG(seed, 4))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	var parts []string
	for range rng.IntN(5) {
		parts = append(parts, pick(slices.Concat(own, public)...), pick(",", "|"))
	}
	text := strings.Join(append(parts, pick("direct", "direct", "off", fast, mine)), "")
	d := &deal{now: tune.Setting{Proxies: parse(t, text), Database: pick(golang, china, "off")}, lies: make(map[string]bool)}
	words := []any{"down", "down", "lies", "none", "fails"}
	rounds := make(map[string][]tune.Sample)
	for _, server := range slices.Concat(own, public, []string{golang, china}) {
		var list []any
		for range 3 {
			list = append(list, rng.IntN(500))
			if rng.IntN(3) == 0 {
				list[len(list)-1] = words[rng.IntN(len(words))]
			}
		}
		rounds[server] = samples(list...)
	}
	d.report = report(t, d.now, rounds)
	for _, result := range d.report.Results {
		d.lies[result.Value] = result.Lie != nil
	}
	return d
}

// own are the user's proxies of a list that do not lie, each once.
func (d *deal) own(list goproxy.List) (urls []string) {
	for _, p := range list.Proxies() {
		if slices.Contains(own, p.URL) && !slices.Contains(urls, p.URL) && !d.lies[p.URL] {
			urls = append(urls, p.URL)
		}
	}
	return urls
}

// Whatever is measured: no liar, nothing twice, verification never turned off, one's
// own where it was, and the end of the list as it was.
func TestProposeKeepsItsPromises(t *testing.T) {
	proposed := 0
	for seed := range uint64(5000) {
		d := newDeal(t, seed)
		p := tune.Propose(d.report, d.now)
		say := fmt.Sprintf("seed %d: %s %s\n%s %s\n%s", seed, d.now.Proxies, d.now.Database, p.GOPROXY, p.GOSUMDB, strings.Join(p.Reasons, "\n"))
		require.NotEqual(t, "off", p.GOSUMDB, say)
		if p.GOSUMDB != "" {
			require.NoError(t, profile.Check(goenv.Var{Name: "GOSUMDB", Value: p.GOSUMDB}), say)
		}
		if p.GOPROXY != "" {
			proposed++
			d.check(t, p, say)
		}
	}
	require.Greater(t, proposed, 2500)
}

func (d *deal) check(t *testing.T, p tune.Proposal, say string) {
	require.NoError(t, profile.Check(goenv.Var{Name: "GOPROXY", Value: p.GOPROXY}), say)
	before, list := d.now.Proxies, parse(t, p.GOPROXY)
	isPublic := func(p goproxy.Proxy) bool { return slices.Contains(public, p.URL) }
	alone := len(before.Proxies()) > 0 && !slices.ContainsFunc(before.Proxies(), isPublic)
	if before.End() != "" || alone {
		require.Equal(t, before.End(), list.End(), say)
	} else {
		require.Equal(t, "direct", list.End(), say)
	}
	require.Equal(t, d.own(before), d.own(list), say)
	seen := make(map[string]bool)
	for _, e := range list.Proxies() {
		require.False(t, seen[e.URL], say)
		require.False(t, d.lies[e.URL], say)
		require.False(t, alone && isPublic(e), say)
		seen[e.URL] = true
	}
	for i, result := range d.report.Results {
		d.report.Results[i].InUse = seen[result.Value]
	}
	again := tune.Propose(d.report, tune.Setting{Proxies: list, Database: d.now.Database})
	require.Equal(t, p.GOPROXY, again.GOPROXY, "a second time nothing is to change: %s", say)
}

// A profile of the user's that is not in use is shown, and nothing is made of it.
func TestProposeLeavesProfilesAlone(t *testing.T) {
	now := tune.Setting{Proxies: parse(t, second+","+fast+",direct"), Database: golang}
	work := profile.Profile{Name: "work"}.With(goenv.Var{Name: "GOPROXY", Value: mine})
	r := new(tune.Report)
	standard := tune.Setting{Proxies: parse(t, fast), Database: golang}
	for _, c := range tune.Candidates(now, standard, []profile.Profile{work}) {
		list := samples(50, 50, 50)
		if c.InUse {
			list = samples("down", "down", "down")
		}
		if c.Whose != tune.Builtin {
			r.Results = append(r.Results, tune.Result{Candidate: c, Samples: list, Summary: tune.Summarize(list)})
		}
	}
	p := tune.Propose(r, now)
	require.Empty(t, p.GOPROXY)
	require.Contains(t, p.Reasons, "https://me:xxxxx@mine.example (50 ms) is of your profile work, which is chosen as a whole: golang-wsl env profile work")
}

func TestCandidates(t *testing.T) {
	now := tune.Setting{Proxies: parse(t, mine+"|FAST.example/,file:///srv,https://goproxy.cn,direct"), Database: golang}
	standard := tune.Setting{Proxies: parse(t, fast+",direct"), Database: golang}
	work := profile.Profile{Name: "work"}.With(goenv.Var{Name: "GOPROXY", Value: second + "," + fast}).With(goenv.Var{Name: "GOSUMDB", Value: "off"})
	var got []string
	for _, c := range tune.Candidates(now, standard, []profile.Profile{work}) {
		got = append(got, fmt.Sprintf("%s %s %s %v %s", c.Kind, c.Name(), c.Whose, c.InUse, c.Profile))
	}
	require.Equal(t, []string{
		"proxy https://me:xxxxx@mine.example user true ",
		"proxy https://FAST.example/ default true ",
		"proxy https://goproxy.cn built-in true ",
		"proxy https://goproxy.io built-in false ",
		"proxy https://second.example/go user false work",
		"database sum.golang.org default true ",
		"database sum.golang.google.cn built-in false ",
	}, got)
}
