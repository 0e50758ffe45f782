package main

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/config"
	"github.com/spf13/cobra"
)

// configDir is where this user's files about golang-wsl are, the hooks among
// them. GOLANG_WSL_CONFIG does not move it: that may be somebody else's file.
func (s settings) configDir() (string, error) {
	dir, err := s.userDir("XDG_CONFIG_HOME", ".config")
	return filepath.Join(dir, "golang-wsl"), err
}

// configFile is the configuration file, which need not exist.
func (s settings) configFile() (string, error) {
	if file := s.env("GOLANG_WSL_CONFIG"); file != "" {
		return filepath.Abs(file)
	}
	dir, err := s.configDir()
	return filepath.Join(dir, "config.toml"), err
}

// configText is what the configuration file has. It is empty where nobody wrote
// one, and where there is no home to look in.
func (s settings) configText() (file string, data []byte, err error) {
	if file, err = s.configFile(); err != nil {
		return "", nil, nil
	}
	data, err = os.ReadFile(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, data, err
	}
	if s.env("GOLANG_WSL_CONFIG") != "" {
		return file, nil, &usageError{fmt.Sprintf("GOLANG_WSL_CONFIG names %s, which is not there", file), "write that file, or unset GOLANG_WSL_CONFIG"}
	}
	return file, nil, nil
}

func (s settings) readConfig() (config.Values, error) {
	file, data, err := s.configText()
	if err != nil || len(data) == 0 {
		return nil, err
	}
	values, err := config.Parse(data)
	return values, inFile(file, err)
}

// inFile makes an error of the configuration file one that names file and line,
// and says what to write instead.
func inFile(file string, err error) error {
	var bad *config.Error
	if !errors.As(err, &bad) {
		return err
	}
	text, hint := fmt.Sprintf("%s:%d: %s", file, bad.Line, bad.Text), bad.Want
	if bad.Near != "" {
		text += fmt.Sprintf(": did you mean %q?", bad.Near)
	}
	switch {
	case bad.Key == "":
		hint = "mend that line; https://toml.io shows how such a file is written"
	case hint == "":
		hint = `"golang-wsl help config" lists the keys`
	}
	return &usageError{text, hint}
}

// careless are the commands that use no setting, or that must answer even where
// the settings are wrong: a shell that starts, and a version file that is read
// before each command, are no places to complain in. The doctor says it its own way.
var careless = []string{
	"help", "version", "completion", "hook", "detect", "doctor", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd,
	"callback parse-legacy-file", "callback list-legacy-filenames", "callback help",
}

// checkSettings runs before each command. A setting that cannot be meant is an
// error even where this command might do without it: one that counts only now and
// then is harder to find.
func (s settings) checkSettings(cmd *cobra.Command, args []string) error {
	name := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
	if name == "callback" {
		topic, _, _ := strings.Cut(args[0], ".")
		name += " " + topic
	}
	if cmd.HasSubCommands() && name != "env" || slices.Contains(careless, name) {
		return nil
	}
	for err := range s.mistakes() {
		return err
	}
	return nil
}

// mistakes are what is wrong with the settings, wherever they are from.
func (s settings) mistakes() iter.Seq[error] {
	return func(yield func(error) bool) {
		values, err := s.file()
		if err != nil && !yield(err) {
			return
		}
		for _, key := range config.Keys() {
			value := s.env(key.Env)
			if key.Path {
				continue // relative ones are from here, as those of ASDF_DATA_DIR are
			}
			err := key.Check(value)
			if err == nil && value != "" && strings.HasSuffix(key.Name, ".profile") {
				_, err = values.ChosenProfile(value)
			}
			if bad := (*config.ValueError)(nil); errors.As(err, &bad) && !yield(&usageError{key.Env + ": " + bad.Text, bad.Want}) {
				return
			}
		}
	}
}
