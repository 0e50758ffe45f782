package bench

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/perf/benchunit"
)

// A Style is how tables and pictures look. The zero value is 72 columns of UTF-8.
type Style struct {
	Width int  // of pictures, in columns; 0 is 72
	ASCII bool // for terminals of another character set
}

// ascii are the signs that ASCII has not.
var ascii = strings.NewReplacer("±", "+-", "µ", "u", "∞", "inf", "█", "#", "│", "|")

// text is what is shown, with signs that the terminal has.
func (s Style) text(text string) string {
	if s.ASCII {
		return ascii.Replace(text)
	}
	return text
}

// Number is a quantity as benchstat shows it, with a unit: "107.0µs", "1.500MiB/s".
// Millionths that are many are percent.
func (s Style) Number(value float64, unit string) string {
	tidy, unit := benchunit.Tidy(value, unit)
	if unit == "ns" { // of 0 it makes no seconds
		unit = "sec"
	}
	per, isTime := strings.CutPrefix(unit, "sec")
	switch {
	case unit == "ppm" && math.Abs(tidy) >= 1e4:
		return strconv.FormatFloat(tidy/1e4, 'g', 4, 64) + " %"
	case isTime && (per == "" || per[0] == '/'): // "sec/op" of the testing package's "ns/op"
		return s.text(benchunit.Scale(tidy, benchunit.Decimal) + "s" + per)
	case benchunit.ClassOf(unit) == benchunit.Binary:
		return benchunit.Scale(tidy, benchunit.Binary) + unit
	case unit == "%" || unit == "ppm" || math.Abs(tidy) < 1:
		return strconv.FormatFloat(tidy, 'g', 4, 64) + " " + unit
	}
	return benchunit.Scale(tidy, benchunit.Decimal) + " " + unit
}

// percent is a part of 1: "+12.3 %".
func percent(part float64) string {
	text := strconv.FormatFloat(100*part, 'f', 1, 64) + " %"
	if part >= 0 {
		text = "+" + text
	}
	return text
}
