package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/tune"
)

func (a *app) showTuning(t *tuning, apply, asJSON bool) error {
	if asJSON {
		return a.writeJSON(newTuneReport(t))
	}
	if err := a.tuneTable(t.report); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteByte('\n')
	for _, reason := range t.proposal.Reasons {
		b.WriteString("* " + printable(reason) + "\n")
	}
	if t.proposal.GOPROXY != "" {
		fmt.Fprintf(&b, "\nGOPROXY=%s\n", profile.Redacted(t.proposal.GOPROXY))
		if t.proposal.GOSUMDB != "" {
			fmt.Fprintf(&b, "GOSUMDB=%s\n", profile.Redacted(t.proposal.GOSUMDB))
		}
		switch {
		case t.holds():
			b.WriteString("This is what holds already.\n")
		case !apply:
			b.WriteString("\"golang-wsl env tune --apply\" measures again and writes it.\n")
		}
	}
	_, err := fmt.Fprint(a.std.out, b.String())
	return err
}

// tuneTable has a row for each candidate: medians, and in words what failed. A star
// is for what is in use.
func (a *app) tuneTable(r *tune.Report) error {
	w := tabwriter.NewWriter(a.std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  SERVER\tDNS\tCONNECT\tTLS\tFIRST BYTE\tMB/S\tTOTAL\tLOOK-UP\tROUNDS")
	for _, result := range r.Results {
		mark := " "
		if result.InUse {
			mark = "*"
		}
		cells := append([]string{mark + " " + printable(result.Name())}, tuneTimes(result)...)
		cells = append(cells, fmt.Sprintf("%d/%d", result.Worked, result.Rounds), printable(tuneTrouble(result)))
		fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	return w.Flush()
}

func tuneTimes(r tune.Result) (cells []string) {
	for _, d := range []time.Duration{r.DNS, r.Connect, r.TLS, r.FirstByte} {
		cells = append(cells, tuneTime(d))
	}
	speed := "-"
	if r.Throughput > 0 {
		speed = fmt.Sprintf("%.1f", r.Throughput/1e6)
	}
	return append(cells, speed, tuneTime(r.Total), tuneTime(r.Lookup))
}

func tuneTime(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return tune.Seconds(d)
}

// tuneTrouble is what is to be said of a candidate beside its times.
func tuneTrouble(r tune.Result) string {
	switch {
	case r.Lie != nil:
		return "lies: " + r.Lie.Error()
	case r.Worked == 0:
		return "down: " + tune.Words(r.Err)
	case r.Err != nil:
		return "failed: " + tune.Words(r.Err)
	case r.Relay == tune.NotThere:
		return "relays no checksum database"
	case r.LookupErr != nil:
		return "look-up: " + tune.Words(r.LookupErr)
	}
	return ""
}
