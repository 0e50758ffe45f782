package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A program of Windows is asked for what it says; one that hangs is left, with what it
// has started.
func TestAskWindows(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"powercfg.exe": "#!/bin/sh\necho $1\npwd\n", "wsl.exe": "#!/bin/sh\nsleep 1000 & sleep 1000\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755))
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	var out strings.Builder
	require.NoError(t, askWindows(t.Context(), &out, "powercfg.exe", "/getactivescheme"))
	require.Equal(t, "/getactivescheme\n/\n", out.String(), "in a directory that Windows knows")

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	require.Error(t, askWindows(ctx, &out, "wsl.exe"))
	require.Less(t, time.Since(begin), 10*time.Second)

	require.Error(t, askWindows(t.Context(), &out, "no-such-program.exe"))
}
