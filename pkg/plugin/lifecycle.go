package plugin

import (
	"bytes"
	"context"
	"embed"
)

//go:embed help
var helpFiles embed.FS

// help writes one of asdf's help texts, with the name that the user gave the
// plugin. asdf 0.16 and later print overview and deps only, so that these two
// must stand for themselves.
func (p *Plugin) help(topic string) error {
	text, err := helpFiles.ReadFile("help/" + topic + ".txt")
	if err != nil {
		return &UsageError{"no help on " + topic}
	}
	_, err = p.Stdout.Write(bytes.ReplaceAll(text, []byte("PLUGIN"), []byte(p.Store.Plugin)))
	return err
}

// heal is all that is to be done after a plugin was added or updated: the door
// that called has built the helper, which is what takes time, and who adds a
// plugin expects that to be spent then and not at the first command.
func (p *Plugin) heal(context.Context, []string) error { return p.Store.Heal() }

// leave removes what asdf does not know of, before it removes the plugin. The
// archives in the user's cache stay: other data directories may use them.
func (p *Plugin) leave(context.Context, []string) error { return p.Store.Leave() }
