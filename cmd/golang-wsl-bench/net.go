package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/httploop"
)

func netProbe() probe {
	return probe{
		name: "net", use: "net",
		short: "What HTTP over the loopback costs",
		long: `How late an answer of an HTTP server on this machine is at fixed rates, and which rate
is the highest: over 127.0.0.1, ::1 and a unix socket, with connections that are kept
and with new ones. Client and server are two processes. Then what becomes of
connections that nobody accepts, and which settings of the kernel matter to that.`,
		example: "  " + calledAs + " net --quick\n  " + calledAs + " net --rates 100,1000",
		args:    wantArgs(0, 0), deadline: 10 * time.Minute,
		flags: func(flags *pflag.FlagSet) func(choice) (bench.Probe, error) {
			rates := flags.IntSlice("rates", nil, "requests a second, rising (200,1000,5000)")
			return func(c choice) (bench.Probe, error) {
				exe, err := os.Executable()
				return httploop.New(httploop.Options{Start: startServer(exe), Quick: c.quick, Rates: *rates}), err
			}
		},
		summary: netSummary,
		check: func(flags *pflag.FlagSet) error {
			rates, err := flags.GetIntSlice("rates")
			if err == nil {
				err = httploop.CheckRates(rates)
			}
			if err != nil {
				return &usageError{"--rates: " + err.Error(), "for example --rates 100,1000"}
			}
			return nil
		},
	}
}

const netServer = "net-server"

// netServerCommand is the other process. It ends with its standard input, so that it
// does not outlive the one that measures.
func (a *app) netServerCommand() *cobra.Command {
	return &cobra.Command{
		Use: netServer + " DIR", Hidden: true, Args: wantArgs(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := context.WithCancel(cmd.Context())
			defer cancel()
			go func() {
				_, _ = bufio.NewReader(os.Stdin).ReadByte() // which nobody sends
				cancel()
			}()
			return httploop.Serve(ctx, args[0], func(addresses httploop.Addresses) {
				_ = json.NewEncoder(a.std.out).Encode(addresses) // without a reader stdin has ended, too
			})
		},
	}
}

// startServer starts this program again as the server.
func startServer(exe string) func(context.Context) (httploop.Server, error) {
	return func(ctx context.Context) (s httploop.Server, err error) {
		dir, err := os.MkdirTemp("", "golang-wsl-bench-")
		if err != nil {
			return s, err
		}
		var said bytes.Buffer
		cmd := exec.CommandContext(ctx, exe, netServer, dir)
		cmd.Args[0], cmd.Stderr, cmd.WaitDelay = os.Args[0], &said, time.Second
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		stdin, err1 := cmd.StdinPipe()
		stdout, err2 := cmd.StdoutPipe()
		if err = errors.Join(err1, err2); err == nil {
			err = cmd.Start()
		}
		if err != nil {
			return s, errors.Join(err, os.RemoveAll(dir))
		}
		line, readErr := bufio.NewReader(stdout).ReadBytes('\n')
		exit, done := make(chan error, 1), make(chan struct{})
		go func() {
			err := cmd.Wait()
			if text := strings.TrimSpace(said.String()); text != "" {
				err = fmt.Errorf("%w: %s", err, text)
			}
			exit <- err
			close(done)
		}()
		s.Exit = exit
		s.Stop = func() {
			_ = stdin.Close()
			select {
			case <-done:
			case <-time.After(grace):
				_ = cmd.Process.Kill()
				<-done
			}
			_ = os.RemoveAll(dir)
		}
		if err = json.Unmarshal(line, &s.Addresses); readErr != nil || err != nil {
			s.Stop()
			return s, errors.Join(readErr, err, <-exit)
		}
		return s, nil
	}
}

// netSummary is what the kernel's settings do, as the first run has tried it.
func netSummary(runs []*bench.Run, _ bench.Style) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Connections that nobody accepts: %s\n\n", runs[0].Get(httploop.Overflow))
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range httploop.Settings(runs[0]) {
		fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Value, s.Tried)
	}
	table.Flush()
	for _, s := range httploop.Settings(runs[0]) {
		fmt.Fprintf(&b, "%s: %s\n", s.Name, s.Advice)
	}
	return b.String()
}
