package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

func (o options) lanes(ctx context.Context, f facts) ([]*lane, error) {
	made := ""
	if f.TarballMade {
		made = ", made from the module"
	}
	tarball := &lane{
		name: "tarball",
		what: fmt.Sprintf("%s%s: %d MB, %d files, %d MB unpacked", f.Tarball, made, f.TarballBytes/1e6, f.TarballFiles, f.UnpackedBytes/1e6),
		ways: []*way{o.ours(f, "official"), o.byHand(f)},
	}
	if o.mise != "" {
		w, err := o.byMise(ctx, f)
		if err != nil {
			return nil, err
		}
		tarball.ways = append(tarball.ways, w)
	}
	zip := &lane{
		name: "module zip",
		what: fmt.Sprintf("%s: %d MB, %d files", filepath.Base(f.Zip), f.ZipBytes/1e6, f.ZipFiles),
		ways: []*way{o.ours(f, "goproxy"), o.byGo(f)},
	}
	return []*lane{tarball, zip}, nil
}

// command has no variables but these, PATH and HOME.
func command(ctx context.Context, dir string, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "LC_ALL=C"}, env...)
	return cmd
}

// loopback makes the server the helper's whole world. The checksum database is the
// real one: the server relays it, and signatures and proofs are checked.
func loopback(f facts) []string {
	return []string{
		"GOLANG_WSL_LIST_URL=" + f.URL + "/dl/", "GOLANG_WSL_MIRROR=" + f.URL + "/go",
		"GOPROXY=" + f.URL + "/proxy", "GOENV=off",
	}
}

func (o options) ours(f facts, source string) *way {
	return &way{
		name:   "golang-wsl",
		result: "data/installs/golang-wsl/" + f.Version + "/bin/go",
		command: func(ctx context.Context, dir string) *exec.Cmd {
			env := append(loopback(f), "GOLANG_WSL_SOURCE="+source,
				"GOLANG_WSL_CACHE_DIR="+filepath.Join(dir, "cache"), "ASDF_DATA_DIR="+filepath.Join(dir, "data"))
			return command(ctx, dir, env, o.helper, "install", f.Version)
		},
	}
}

const byHand = `set -e
"$1" -fsS -o go.tar.gz "$2"
echo "$3  go.tar.gz" | sha256sum -c -
tar -xzf go.tar.gz`

func (o options) byHand(f facts) *way {
	return &way{
		name: "curl, sha256sum, tar -xzf", aims: "0.7, then 0.6", result: "go/bin/go",
		command: func(ctx context.Context, dir string) *exec.Cmd {
			return command(ctx, dir, nil, "sh", "-c", byHand, "sh", o.curl, f.URL+"/go/"+f.Tarball, f.SHA256)
		},
	}
}

// byMise is mise's own Go, not a plugin. It asks a git repository for the versions
// that there are, which is made here beforehand, with the one tag.
func (o options) byMise(ctx context.Context, f facts) (*way, error) {
	repo := filepath.Join(o.dir, "versions.git")
	script := `set -e
git init -q --bare "$1" && cd "$1"
commit=$(git commit-tree -m versions "$(git hash-object -t tree -w /dev/null)")
git tag "$2" "$commit"`
	git := command(ctx, o.dir, []string{
		"GIT_AUTHOR_NAME=bench", "GIT_AUTHOR_EMAIL=bench", "GIT_COMMITTER_NAME=bench", "GIT_COMMITTER_EMAIL=bench",
	}, "sh", "-c", script, "sh", repo, "go"+f.Version)
	if out, err := git.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make a list of versions for mise: %w\n%s", err, out)
	}
	return &way{
		name: "mise install go", aims: "0.75", result: "data/installs/go/" + f.Version + "/bin/go",
		command: func(ctx context.Context, dir string) *exec.Cmd {
			env := []string{
				"MISE_DATA_DIR=" + filepath.Join(dir, "data"), "MISE_CACHE_DIR=" + filepath.Join(dir, "cache"),
				"MISE_STATE_DIR=" + filepath.Join(dir, "state"), "MISE_CONFIG_DIR=" + filepath.Join(dir, "config"),
				"MISE_GO_DOWNLOAD_MIRROR=" + f.URL + "/go", "MISE_GO_REPO=" + repo,
				"MISE_USE_VERSIONS_HOST=0", "MISE_YES=1",
			}
			return command(ctx, dir, env, o.mise, "install", "core:go@"+f.Version)
		},
	}, nil
}

// byGo is the go command, which fetches a toolchain when it is told to be another.
func (o options) byGo(f facts) *way {
	return &way{
		name: "GOTOOLCHAIN=go" + f.Version + " go version", aims: "0.45, then 0.35",
		result: fmt.Sprintf("mod/golang.org/toolchain@v0.0.1-go%s.%s-%s/bin/go", f.Version, runtime.GOOS, runtime.GOARCH),
		command: func(ctx context.Context, dir string) *exec.Cmd {
			env := []string{
				"GOTOOLCHAIN=go" + f.Version, "GOPROXY=" + f.URL + "/proxy", "GOSUMDB=sum.golang.org", "GOENV=off",
				"GOPATH=" + filepath.Join(dir, "path"), "GOMODCACHE=" + filepath.Join(dir, "mod"), "GOFLAGS=-modcacherw",
			}
			return command(ctx, dir, env, o.goCommand, "version")
		},
	}
}

func goroot(goCommand string) string {
	out, err := exec.Command(goCommand, "env", "GOROOT").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
