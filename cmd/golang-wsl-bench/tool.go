package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/report"
)

// thisTool is what this program says of itself in a report.
func thisTool() (report.Tool, error) {
	t := report.Tool{Name: "golang-wsl-bench", Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			t.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				t.Revision = s.Value
			}
		}
	}
	exe, err := os.Executable()
	if err != nil {
		return t, err
	}
	f, err := os.Open(exe)
	if err != nil {
		return t, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return t, err
	}
	t.SHA256 = hex.EncodeToString(h.Sum(nil))
	return t, nil
}
