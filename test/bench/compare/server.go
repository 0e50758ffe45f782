package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// facts are what the server says that it serves; see test/bench/server.
type facts struct {
	URL           string `json:"url"`
	Version       string `json:"version"`
	Tarball       string `json:"tarball"`
	SHA256        string `json:"sha256"`
	TarballMade   bool   `json:"tarball_made"`
	TarballPath   string `json:"tarball_path"`
	TarballBytes  int64  `json:"tarball_bytes"`
	TarballFiles  int    `json:"tarball_files"`
	UnpackedBytes int64  `json:"unpacked_bytes"`
	Zip           string `json:"zip"`
	ZipBytes      int64  `json:"zip_bytes"`
	ZipFiles      int    `json:"zip_files"`
}

type server struct {
	facts
	cmd   *exec.Cmd
	stdin io.Closer
}

func startServer(ctx context.Context, o options) (*server, error) {
	cmd := exec.CommandContext(ctx, o.server, "-goproxy", o.proxies, "-version", o.version,
		"-tarball", o.tarball, "-dir", o.archives, "-goroot", goroot(o.goCommand))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	s := &server{cmd: cmd, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("the server did not start")
	}
	return s, json.Unmarshal(line, &s.facts)
}

// stop ends the server by closing its standard input.
func (s *server) stop() {
	_ = s.stdin.Close()
	_ = s.cmd.Wait()
}
