package tune

import (
	"fmt"
	"slices"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
)

// reasons are the lines of a proposal, in the order in which it was made.
type reasons struct{ lines []string }

func (w *reasons) add(format string, args ...any) {
	if line := fmt.Sprintf(format, args...); !slices.Contains(w.lines, line) {
		w.lines = append(w.lines, line)
	}
}

func (w *reasons) lies(r *Result) { w.add("%s is left out: it lies, %s", r.Name(), r.Lie) }

func (w *reasons) down(r *Result) { w.add("%s is left out: down, %s", r.Name(), Words(r.Err)) }

func (w *reasons) defective(r *Result) {
	w.add("%s is left out: it says that it relays the checksum database, but that fails: %s", r.Name(), Words(r.LookupErr))
}

func (w *reasons) needless(r, first *Result) {
	w.add("%s (%s) is not taken in: not clearly faster than %s (%s), it would only learn the names of what that does not have",
		r.Name(), Seconds(r.Total), first.Name(), Seconds(first.Total))
}

// own is about proxies of the user's own, in their place.
func (w *reasons) own(list []place) {
	for _, at := range list {
		now := ""
		if at.result != nil && !at.result.Works() {
			now = fmt.Sprintf(", though it does not work now (%s)", Words(at.result.Err))
		}
		w.add("%s keeps its place%s: it is your own, and may have modules that nobody else is to hear of", profile.Redacted(at.url), now)
	}
}

// profiles is about proxies that work and are the user's, but not in use.
func (w *reasons) profiles(proxies []*Result) {
	for _, r := range proxies {
		if r.Profile != "" && r.Works() {
			w.add("%s (%s) is of your profile %s, which is chosen as a whole: golang-wsl env profile %[3]s", r.Name(), Seconds(r.Total), r.Profile)
		}
	}
}

// order is about each of the public proxies and the next.
func (w *reasons) order(list []place) {
	for i, at := range list {
		r := at.result
		switch {
		case !r.Steady():
			w.add("%s failed in %d of %d rounds (%s): a pipe behind it, so that the next is asked on any error",
				r.Name(), r.Rounds-r.Worked, r.Rounds, Words(r.Err))
		case i+1 == len(list):
			w.add("%s takes %s, the median of %d rounds", r.Name(), Seconds(r.Total), r.Rounds)
		case r.faster(list[i+1].result.Summary):
			w.add("%s before %s: %s against %s, medians of %d rounds",
				r.Name(), list[i+1].result.Name(), Seconds(r.Total), Seconds(list[i+1].result.Total), r.Rounds)
		case list[i+1].result.Steady():
			w.add("%s before %s, with no clear difference: %s and %s, medians of %d rounds",
				r.Name(), list[i+1].result.Name(), Seconds(r.Total), Seconds(list[i+1].result.Total), r.Rounds)
		default:
			w.add("%s takes %s, the median of %d rounds, and failed in none", r.Name(), Seconds(r.Total), r.Rounds)
		}
	}
}

// database is about GOSUMDB.
func (w *reasons) database(now, setting, how string) {
	name := Candidate{Kind: Database, Value: setting}.Name()
	switch now {
	case setting:
		w.add("checksum database %s: %s", name, how)
	case "off":
		w.add("checksum database %s: %s; now it is off, and nobody says whether you get what others get", name, how)
	default:
		w.add("checksum database %s: %s; from %s no proven answer came", name, how, Candidate{Kind: Database, Value: now}.Name())
	}
}
