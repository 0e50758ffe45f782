package snapshot

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

func someSecrets() Secrets {
	return Secrets{
		Hosts: []string{"DESKTOP-4F7K2Q1", "pc7"}, Users: []string{"anna", "Anna Müller", "margarethe"},
		Distributions: []string{"Acme-Build"}, MACs: []string{"00:15:5d:3f:1a:2b"},
		Dirs: []Dir{
			{Path: "/home/anna", As: "home"}, {Path: "/mnt/c/Users/Anna Müller", As: "home"},
			{Path: "/home/anna/clients/acme/codec", As: "module", Keep: true},
		},
	}
}

func TestRedact(t *testing.T) {
	r := NewRedactor(someSecrets())
	for in, want := range map[string]string{
		"Linux DESKTOP-4F7K2Q1 6.18.40.1-microsoft-standard-WSL2": "Linux [host] 6.18.40.1-microsoft-standard-WSL2",
		"desktop-4f7k2q1.local, pc7.example":                      "[host].local, [host2].example",
		"annals of anna, hannah, ANNA's":                          "annals of [user], hannah, [user]'s",
		"margarethes laptop":                                      "[user3]s laptop",
		"/home/anna":                                              "[home]",
		"/home/annabel/x":                                         "/home/annabel/x",
		"open /home/anna/clients/secret.go: no such file":         "open [home]/...: no such file",
		"/home/anna/clients/acme/codec/fast/x.go:12":              "[module]/fast/x.go:12",
		`/mnt/c/Users/Anna\040Müller/.wslconfig rw`:               `[home2]/... rw`,
		`C:\Users\Anna Müller\work`:                               `[home2]\...`,
		`{"dir":"C:\\Users\\Anna Müller\\work","n":1}`:            `{"dir":"[home2]\...","n":1}`,
		`\\wsl.localhost\Acme-Build\home\anna\x`:                  `\\wsl.localhost\[distribution][home]\...`,
		`C:\Users\ANNAMÜ~1\x`:                                     `C:\Users\[user2]\x`,
		`{"a":"\nanna\tanna"}`:                                    `{"a":"\n[user]\t[user]"}`,
		"q=Anna+M%C3%BCller&b=1":                                  "q=[user2]&b=1",
		"run-user-1000-Acme\\x2dBuild.scope":                      "run-user-1000-[distribution].scope",
		"ether 00:15:5D:3F:1A:2B, 00-15-5d-3f-1a-2c, 0015.5d3f.1a2b, fe80::215:5dff:fe3f:1a2b": "ether [mac], [mac], [mac], fe80::[mac]",
		"lo 00:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff":                                           "lo 00:00:00:00:00:00 brd ff:ff:ff:ff:ff:ff",
		"SHA1 aa:bb:cc:dd:ee:ff:00:11:22:33 at 12:34:56":                                       "SHA1 aa:bb:cc:dd:ee:ff:00:11:22:33 at 12:34:56",
		"a\xffb anna \xfe": "a\xffb [user] \xfe",
		"":                 "",
	} {
		require.Equal(t, want, r.Text(in), in)
		require.Equal(t, want, r.Text(want), "twice")
	}
}

// disguises are forms in which a secret may be in a text.
func disguises() []func(string) string {
	return []func(string) string{
		func(s string) string { return s },
		strings.ToUpper, strings.ToLower,
		func(s string) string { // at random
			var b strings.Builder
			for i, c := range s {
				if i%2 == 0 {
					c = unicode.ToUpper(c)
				}
				b.WriteRune(c)
			}
			return b.String()
		},
		func(s string) string { return strings.ReplaceAll(s, " ", `\040`) },
		func(s string) string { return strings.ReplaceAll(s, " ", "%20") },
		func(s string) string { q, _ := json.Marshal(s); return strings.Trim(string(q), `"`) },
		func(s string) string { return strings.Trim(fmt.Sprintf("%+q", s), `"`) },
		func(s string) string { // UTF-16LE read as bytes
			var b strings.Builder
			for _, unit := range utf16.Encode([]rune(s)) {
				b.WriteRune(rune(unit))
				b.WriteRune(0)
			}
			return b.String()
		},
	}
}

// After redaction no secret is anywhere in the snapshot, in whatever field or form,
// and what is between the secrets is as it was.
func TestRedactedSnapshotHasNoSecret(t *testing.T) {
	secrets := someSecrets()
	r := NewRedactor(secrets)
	words := append(append(append([]string{}, secrets.Hosts...), secrets.Users...), secrets.Distributions...)
	for _, d := range secrets.Dirs {
		words = append(words, d.Path)
	}
	words = append(words, secrets.MACs...)
	between := []string{" ", ", ", "\n", "=", "; rw,relatime ", " annals ", "\t(", ") ", " 6.18.40.1 ", `"`, " bananna ", ":", " Ünder "}
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		text := func() (dirty, clean string) {
			var in, out strings.Builder
			for range 1 + rnd.IntN(6) {
				gap := between[rnd.IntN(len(between))]
				word := words[rnd.IntN(len(words))]
				disguise := disguises()[rnd.IntN(len(disguises()))]
				in.WriteString(gap + disguise(word))
				out.WriteString(gap + r.Text(word))
			}
			return in.String() + " end", out.String() + " end"
		}
		dirty, clean := &Snapshot{Schema: 1, Taken: time.Unix(0, 0)}, &Snapshot{Schema: 1, Taken: time.Unix(0, 0)}
		for range 5 {
			d, c := Fact{Group: "identity", Kind: Setting}, Fact{Group: "identity", Kind: Setting}
			d.Name, c.Name = text()
			d.Value, c.Value = text()
			d.Raw, c.Raw = text()
			d.Absent, c.Absent = text()
			d.Source, c.Source = text()
			dirty.Facts, clean.Facts = append(dirty.Facts, d), append(clean.Facts, c)
		}
		before, err := json.Marshal(dirty)
		require.NoError(t, err)
		got := r.Snapshot(dirty)
		require.Equal(t, clean, got, "seed %d", seed)
		after, err := json.Marshal(dirty)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after), "the snapshot itself is not touched")
		for _, f := range got.Facts {
			bare := strings.ReplaceAll(strings.ToLower(f.Name+"\n"+f.Value+"\n"+f.Raw+"\n"+f.Absent+"\n"+f.Source), "\x00", "")
			bare = strings.NewReplacer("annals", "", "bananna", "").Replace(bare)
			for _, secret := range words {
				require.NotContains(t, bare, strings.ToLower(secret), "seed %d", seed)
			}
		}
	}
}

// Text that has no secret comes back as it is, byte by byte.
func FuzzRedact(f *testing.F) {
	f.Add("open /home/anna/x: \xff 00:15:5d:3f:1a:2b")
	f.Add(`\x2danna\040`)
	r := NewRedactor(someSecrets())
	none := NewRedactor(Secrets{})
	f.Fuzz(func(t *testing.T, text string) {
		once := r.Text(text)
		require.Equal(t, once, r.Text(once))
		if !strings.Contains(once, "[") {
			require.Equal(t, text, once)
		}
		if !strings.Contains(none.Text(text), "[mac]") {
			require.Equal(t, text, none.Text(text))
		}
	})
}

func TestSecretsOfAMachine(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	m := Machine{Kernel: &described{}, Root: fstest.MapFS{
		"proc/sys/kernel/hostname":     file("DESKTOP-4F7K2Q1\n"),
		"etc/hostname":                 file("build.corp.example\n"),
		"etc/os-release":               file("ID=ubuntu\nNAME=Ubuntu\n"),
		"proc/self/mountinfo":          file("1 1 0:1 / / rw - ext4 /dev/sdc rw\n2 1 0:2 / /mnt/c rw - 9p C:\\134 rw,aname=drvfs\n"),
		"etc/passwd":                   file("root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000:Anna Müller,,,:/home/anna:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"),
		"sys/class/net/eth0/address":   file("00:15:5d:3f:1a:2b\n"),
		"mnt/c/Users/amuel/.wslconfig": file(""),
		"mnt/c/Users/Public/x":         file(""),
		"mnt/c/Users/desktop.ini":      file(""),
	}, Env: func(name string) string {
		return map[string]string{"USER": "root", "HOME": "/root", "WSL_DISTRO_NAME": "Acme-Build"}[name]
	}}
	require.Equal(t, Secrets{
		Hosts:         []string{"DESKTOP-4F7K2Q1", "build.corp.example", "build", "corp.example"},
		Users:         []string{"anna", "Anna Müller", "amuel"},
		Distributions: []string{"Acme-Build"}, MACs: []string{"00:15:5d:3f:1a:2b"},
		Dirs: []Dir{{Path: "/home/anna", As: "home"}, {Path: "/mnt/c/Users/amuel", As: "home"}},
	}, m.Secrets(t.Context()))
}
