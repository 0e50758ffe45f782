package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"
)

func troubleChecks() []Check {
	return []Check{{
		ID: "config", Title: "settings of golang-wsl, home and current directory", Look: lookTrouble,
		Reads:   "`config.toml` or what `GOLANG_WSL_CONFIG` names, the variables `GOLANG_WSL_*`, `HOME`, the current directory",
		Decides: "what cannot be read or understood is an error",
		Why:     "without them golang-wsl refuses to work, and without a home or a directory so does go",
		Cure:    "mend what is named there",
	}}
}

// A TroubleError is something that golang-wsl was told and cannot go by. The Trouble
// of a Machine is one, or several that errors.Join has joined.
type TroubleError struct{ Text, Cure string }

func (e *TroubleError) Error() string { return e.Text }

func lookTrouble(_ context.Context, m *Machine) Finding {
	if m.Trouble == nil {
		return ok("all can be read")
	}
	var texts, cures []string
	for _, err := range apart(m.Trouble) {
		texts = append(texts, strings.ReplaceAll(err.Error(), "\n", "; "))
		if t := (*TroubleError)(nil); errors.As(err, &t) && t.Cure != "" && !slices.Contains(cures, t.Cure) {
			cures = append(cures, t.Cure)
		}
	}
	return Finding{Status: Error, Text: strings.Join(texts, "; "), Cure: strings.Join(cures, "; ")}
}

// apart are the errors that were joined.
func apart(err error) (all []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	for _, err := range joined.Unwrap() {
		all = append(all, apart(err)...)
	}
	return all
}
