package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Values of flags, each as a person would write it.

// A cpuFlag is CPU time: "50%" of a CPU, or "1.5" of them.
type cpuFlag struct{ cpus *float64 }

func (f cpuFlag) Type() string { return "SHARE" }

func (f cpuFlag) String() string {
	if f.cpus == nil || *f.cpus == 0 {
		return ""
	}
	return strconv.FormatFloat(*f.cpus, 'g', -1, 64)
}

func (f cpuFlag) Set(text string) error {
	number, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(number, 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0.01) || v > 4096 { // cpu.max knows no less
		return fmt.Errorf("50%% and 1.5 are CPU time, from 1%% on")
	}
	*f.cpus = v
	return nil
}

// A memoryFlag is bytes, with the units of systemd: M and MiB are 1,048,576.
type memoryFlag struct{ bytes *int64 }

func (f memoryFlag) Type() string { return "SIZE" }

func (f memoryFlag) String() string {
	if f.bytes == nil || *f.bytes == 0 {
		return ""
	}
	return strconv.FormatInt(*f.bytes, 10)
}

func (f memoryFlag) Set(text string) error {
	number := strings.TrimRight(text, "KMGTiBkmgt")
	unit := strings.ToUpper(strings.TrimSuffix(strings.TrimSuffix(text[len(number):], "B"), "i"))
	shift, ok := map[string]int{"": 0, "K": 10, "M": 20, "G": 30, "T": 40}[unit]
	v, err := strconv.ParseFloat(number, 64)
	if v *= float64(int64(1) << shift); !ok || err != nil || !(v >= 1<<20) || v > 1<<60 {
		return fmt.Errorf("512M and 1.5G are sizes, from 1M on")
	}
	*f.bytes = int64(v)
	return nil
}

// A cpusFlag is numbers of CPUs.
type cpusFlag struct{ cpus *[]int }

func (f cpusFlag) Type() string { return "LIST" }

func (f cpusFlag) String() string {
	if f.cpus == nil {
		return ""
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(*f.cpus), " ", ","), "[]")
}

func (f cpusFlag) Set(text string) (err error) {
	*f.cpus, err = parseCPUs(text)
	return err
}

const mostCPUs = 8192 // that a kernel can have

// parseCPUs reads a list as the kernel writes it: "0,2-3".
func parseCPUs(text string) (cpus []int, err error) {
	for part := range strings.SplitSeq(text, ",") {
		from, to, span := strings.Cut(strings.TrimSpace(part), "-")
		first, errFrom := strconv.Atoi(from)
		last, errTo := first, error(nil)
		if span {
			last, errTo = strconv.Atoi(to)
		}
		if errFrom != nil || errTo != nil || first < 0 || last < first || last >= mostCPUs {
			return nil, fmt.Errorf("0,2-3 is a list of CPUs")
		}
		for cpu := first; cpu <= last; cpu++ {
			cpus = append(cpus, cpu)
		}
	}
	slices.Sort(cpus)
	return slices.Compact(cpus), nil
}

// A wordFlag is one of some words.
type wordFlag struct {
	word  *string
	known []string
}

func (f wordFlag) Type() string { return strings.Join(f.known, "|") }

func (f wordFlag) String() string {
	if f.word == nil {
		return ""
	}
	return *f.word
}

func (f wordFlag) Set(text string) error {
	if !slices.Contains(f.known, text) {
		return fmt.Errorf("it is %s", strings.Join(f.known, " or "))
	}
	*f.word = text
	return nil
}

// A warmupFlag is how many rounds; -1 is auto.
type warmupFlag struct{ rounds *int }

func (f warmupFlag) Type() string { return "auto|N" }

func (f warmupFlag) String() string {
	if f.rounds == nil || *f.rounds < 0 {
		return "auto"
	}
	return strconv.Itoa(*f.rounds)
}

func (f warmupFlag) Set(text string) error {
	if text == "auto" {
		*f.rounds = -1
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return fmt.Errorf("it is auto or a number of runs")
	}
	*f.rounds = n
	return nil
}
