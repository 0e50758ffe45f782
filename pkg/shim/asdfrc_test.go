package shim

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// inis are texts with the value of "a", or an error, as gopkg.in/ini.v1 1.67
// reads them.
var inis = map[string]string{
	"":                             "",
	"a = yes":                      "yes",
	"\uFEFFa=yes\r\n":              "yes",
	"  a : yes\n":                  "yes",
	"a=yes # why":                  "yes",
	"a=yes;no":                     "yes",
	"#a=yes\n;a=yes\n\n":           "",
	"a=1\na=2":                     "2",
	"A=1":                          "",
	"a='1'":                        "1",
	"a=\"1\"":                      "1",
	"a=\"1\" 2 \"3\"":              `"1" 2 "3"`,
	"a=`1\n2` # x\nb=3":            "1\n2",
	"a=\"\"\"1\n2\"\"\"":           "1\n2",
	"a=`1":                         "error",
	"a=1\\\n  2 \\\n3\nb=4":        "12 3",
	"a=1\\\n\nb=4":                 "1",
	"b=1\\\na=2":                   "",
	"[x]\na=1":                     "",
	"[x]\na=1\n[DEFAULT]\na=2":     "2",
	"[x\na=1":                      "error",
	"[]":                           "error",
	"a":                            "error",
	"=1":                           "error",
	"\"a\" = 1":                    "1",
	"\"a = 1":                      "error",
	"\"\" = 1":                     "error",
	"`a` x = 1":                    "1",
	"\"\"\"a\"\"\" = 1":            "1",
	"a=":                           "",
	"a = b = c":                    "b = c",
	"a=echo $1 >&2 && exit 3 # ok": "echo $1 >&2 && exit 3",
}

func TestINI(t *testing.T) {
	for text, want := range inis {
		values, err := parseINI(text, "a", "b")
		if want == "error" {
			require.Error(t, err, "%q", text)
			require.NotContains(t, err.Error(), "\n")
			continue
		}
		require.NoError(t, err, "%q", text)
		require.Equal(t, want, values[0], "%q", text)
	}
}

func TestWhichAsdfrc(t *testing.T) {
	tr := newTree(t)
	tr.env["ASDF_GOLANG_WSL_VERSION"] = "1.22.5"
	tr.write(t, "home/.asdfrc", "pre_golang-wsl_go = true\n")
	tr.write(t, "home/other", "pre_golang-wsl_gofmt = true\n")
	tr.write(t, "p/rc", "pre_golang-wsl_go =\npre_golang_go = true")
	for file, hook := range map[string]bool{"": true, "~/other": false, "TOP/home/.asdfrc": true, "../home/.asdfrc": true, "rc": false, "~/none": false, "~": false} {
		tr.env["ASDF_CONFIG_FILE"] = file
		got, err := Resolve(tr.request("p"))
		require.NoError(t, err, file)
		require.Equal(t, hook, got.Hook, file)
	}
}

func TestLegacySetting(t *testing.T) {
	for text, want := range map[string]bool{"yes": true, "YES": true, "'yes'": true, "true": false, "no": false, "ye\u017f": false, "": false} {
		tr := newTree(t)
		tr.write(t, "home/.asdfrc", "legacy_version_file = "+text+"\n")
		tr.write(t, "p/go.mod", "module m\n")
		_, err := Resolve(tr.request("p"))
		require.Equal(t, want, strings.Contains(err.Error(), "not .tool-versions"), text)
	}
}
