package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/spell"
)

// fixed completes the words of a list of which several can be had.
func fixed(words []string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// checkWords says which word of a flag there is not, before anything is measured.
// words are those that each flag knows.
func checkWords(flags *pflag.FlagSet, words map[string][]string) error {
	for flag, known := range words {
		given, err := flags.GetStringSlice(flag)
		if err != nil {
			return err
		}
		for _, word := range given {
			if !slices.Contains(known, word) {
				return &usageError{fmt.Sprintf("--%s: there is no %q", flag, word), meant(word, known)}
			}
		}
	}
	return nil
}

// meant is the word of a list that somebody may have meant, or the list, where it is
// not so long that nobody would read it.
func meant(word string, known []string) string {
	near, least := "", 3
	for _, k := range known {
		if d := spell.Distance(strings.ToLower(word), strings.ToLower(k)); d < least && d < len(word)-1 {
			near, least = k, d
		}
	}
	switch {
	case near != "":
		return fmt.Sprintf("did you mean %q?", near)
	case len(known) <= 20:
		return "there are " + strings.Join(known, ", ")
	}
	return fmt.Sprintf("there are %d; --help and the table have their names", len(known))
}
