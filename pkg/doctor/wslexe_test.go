package doctor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

const listing = "  NAME               STATE           VERSION\r\n* Ubuntu             Stopped         2\r\n  My Work WSL        Running         1\r\n"

func TestParseList(t *testing.T) {
	want := []Listed{{"Ubuntu", "Stopped", 2, true}, {"My Work WSL", "Running", 1, false}}
	lines := strings.SplitAfter(listing, "\n")
	for _, test := range []struct {
		name string
		data string
		want []Listed
	}{
		{"UTF-8", listing, want},
		{"UTF-16LE", string(wide(listing)), want},
		{"UTF-16LE with a mark", "\xff\xfe" + string(wide(listing)), want},
		{"UTF-16LE, then UTF-8", string(wide(lines[0]+lines[1])) + lines[2], want},
		{"UTF-8, then UTF-16LE", lines[0] + string(wide(lines[1]+lines[2])), want},
		{"line ends of errors", strings.ReplaceAll(listing, "\r\n", "\r\r\n"), want},
		{"a header in Russian", string(wide("  ИМЯ                СОСТОЯНИЕ       ВЕРСИЯ\r\n" + lines[1] + lines[2])), want},
		{"a header in Chinese", string(wide("  名称               状态            版本\r\n" + lines[1] + lines[2])), want},
		{"a name in Chinese", string(wide("* 我的系统           Running         1\r\n")), []Listed{{"我的系统", "Running", 1, true}}},
		{"a name that ends in a number", "  Fedora 2           Running         2\r\n", []Listed{{"Fedora 2", "Running", 2, false}}},
		{"a warning first", "wsl: Es wurde eine Proxykonfiguration erkannt 1\r\n" + lines[1], want[:1]},
		{"a name with the byte of a line end", string(wide("* 上海               Running         1\r\n")), []Listed{{"上海", "Running", 1, true}}},
		{"a list without versions", "Windows Subsystem for Linux Distributions:\r\nUbuntu (Default)\r\n", nil},
		{"half of a unit", string(wide(listing)) + "\x00", want},
		{"nothing", "", nil},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, ParseList([]byte(test.data))) })
	}
}

func FuzzParseList(f *testing.F) {
	f.Add([]byte(listing))
	f.Add(wide(listing))
	f.Add(append(wide("NAME\r\n"), "x y 1\n"...))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, d := range ParseList(data) {
			require.Contains(t, []int{1, 2}, d.Version)
			require.NotContains(t, d.Name, "\n")
		}
	})
}

func FuzzMisspelt(f *testing.F) {
	f.Add("[boot]\r\nsystemd = true # really\n;x\n[automount]\noptions=\"metadata\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		settings := wsl.ParseSettings(text)
		wrong, strange := misspelt(settings, confKeys)
		require.LessOrEqual(t, len(wrong)+len(strange), len(settings))
	})
}
