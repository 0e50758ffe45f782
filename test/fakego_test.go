package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeGo is a go command that writes down how it is called and "builds" shell
// scripts: the helper and its shim, or golang-wsl-bench. Its behaviour is set by the environment:
//
//	FAKE_GO_DIR      where it writes its log
//	FAKE_GO_VERSION  what it says it is
//	FAKE_GO_DOWN     the GOPROXY that it cannot reach
//	FAKE_GO_SLEEP    how long a build takes
//	FAKE_GO_UNTIL    the file that a build waits for
//	FAKE_GO_FAIL     makes builds fail
const fakeGo = `
printf '%s\n' "$*" >>"$FAKE_GO_DIR/log"
case "$1 $2" in
  'env GOVERSION') echo "${FAKE_GO_VERSION-go1.26.8}" ;;
  'env GOPROXY') echo "${GOPROXY:-https://proxy.test,direct}" ;;
  'env GOHOSTOS') echo linux ;;
  'env GOHOSTARCH') echo amd64 ;;
  'list -C')
    if [ "$GOPROXY" = "${FAKE_GO_DOWN-}" ] || [ "${FAKE_GO_DOWN-}" = all ]; then
      echo "dial tcp: no route to $GOPROXY" >&2
      exit 1
    fi
    ;;
  'build -C')
    env | sort >"$FAKE_GO_DIR/env"
    cd "$3" || exit
    out=
    until [ "${1#./}" != "$1" ]; do # the packages come last
      case $1 in
        -o) out=$2 ;;
        -ldflags) flags=$2 ;;
      esac
      shift
    done
    : >"${GOTMPDIR:?}/half"
    sleep "${FAKE_GO_SLEEP-0}"
    until [ -z "${FAKE_GO_UNTIL-}" ] || [ -e "$FAKE_GO_UNTIL" ]; do sleep 0.1; done
    if [ -n "${FAKE_GO_FAIL-}" ]; then
      echo 'main.go:1: no such thing' >&2
      exit 1
    fi
    word=$(sed -n 's/^const Word = //p' pkg/noun/noun.go)
    for name; do
      case $name in
        */golang-wsl) printf '#!/usr/bin/env bash\necho %s "$*" %q "$GOLANG_WSL_PLUGIN_DIR"\n' "$word" "${flags##*=}" ;;
        *) printf '#!/usr/bin/env bash\necho %s of %s "$*"\n' "${name##*-}" "$word" ;;
      esac >"$out/${name##*/}"
      chmod +x "$out/${name##*/}"
    done
    ;;
  *) exit 9 ;;
esac
`

// withFakeGo makes a plugin that finds the fake go first on PATH.
func withFakeGo(t *testing.T, name string) *plugin {
	p := newPlugin(t, name)
	bin := filepath.Join(p.home, "fake", "bin")
	writeScript(t, filepath.Join(bin, "go"), fakeGo)
	p.set("FAKE_GO_DIR="+filepath.Dir(bin), "PATH="+bin+":"+os.Getenv("PATH"))
	return p
}

// goLog is what the fake go was asked for.
func (p *plugin) goLog(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(p.home, "fake", "log"))
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// builds counts what the fake go has built.
func (p *plugin) builds(t *testing.T) int {
	t.Helper()
	n := 0
	for _, line := range p.goLog(t) {
		if strings.HasPrefix(line, "build ") {
			n++
		}
	}
	return n
}

// requireClean fails the test if the cache holds more than helpers, their shims,
// what measures, and stamps.
func (p *plugin) requireClean(t *testing.T, helpers int) {
	t.Helper()
	entries, err := os.ReadDir(p.cache())
	require.NoError(t, err)
	found, shims := 0, 0
	for _, entry := range entries {
		switch name := entry.Name(); {
		case strings.HasPrefix(name, "golang-wsl-shim-"):
			shims++
			require.FileExists(t, filepath.Join(p.cache(), strings.Replace(name, "-shim-", "-", 1)), "its helper")
		case strings.HasPrefix(name, "golang-wsl-bench-"):
		case strings.HasPrefix(name, "golang-wsl-"):
			found++
		case name == "plugins", name == "failed", name == "failed-bench":
		default:
			t.Errorf("left behind: %s", name)
		}
	}
	require.Equal(t, helpers, found, "helpers in the cache")
	require.Equal(t, helpers, shims, "shims in the cache")
}
