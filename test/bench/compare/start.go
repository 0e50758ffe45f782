package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// A start is something that takes milliseconds, because it starts a process and
// does little.
type start struct {
	name string
	aim  string
	runs []time.Duration
}

// measureStarts runs each once to warm up, which fills the cached list, and then in
// turn, like the lanes.
func (o options) measureStarts(ctx context.Context, f facts) ([]*start, error) {
	env := append(loopback(f), "GOLANG_WSL_SOURCE=auto", "GOLANG_WSL_CACHE_DIR="+o.cache, "ASDF_DATA_DIR="+filepath.Join(o.dir, "data"))
	starts := []*start{
		{name: "`golang-wsl version`", aim: "5"},
		{name: "`golang-wsl callback list-all`, list in the cache", aim: "15"},
		{name: "the same through the door `bin/list-all`", aim: "15"},
		{name: "`lib/commands/command-version`, a door"},
		{name: "for scale: `bash -c :`"},
		{name: "for scale: `true`"},
	}
	commands := [][]string{
		{o.helper, "version"}, {o.helper, "callback", "list-all"}, {o.plugin + "/bin/list-all"}, {o.plugin + "/lib/commands/command-version"},
		{"bash", "-c", ":"}, {"/bin/true"},
	}
	for round := range o.starts + 1 {
		for i, s := range starts {
			cmd := command(ctx, o.dir, env, commands[i][0], commands[i][1:]...)
			begin := time.Now()
			out, err := cmd.CombinedOutput()
			took := time.Since(begin)
			if err != nil {
				return nil, fmt.Errorf("run %s: %w\n%s", s.name, err, out)
			}
			if round > 0 {
				s.runs = append(s.runs, took)
			}
		}
	}
	return starts, nil
}
