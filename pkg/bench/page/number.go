package page

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// number is a quantity with its unit, as the tables of this program have it. That it
// is of one operation is said once, beside it.
func number(value float64, unit string) string {
	unit = strings.TrimSuffix(unit, "/op")
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		return "no number"
	case value == 0 && unit == "ns":
		return "0 ns"
	case value == math.Trunc(value) && (unit == "allocs" || unit == "B" && math.Abs(value) < 1<<14):
		return strconv.FormatFloat(value, 'f', -1, 64) + " " + unit
	}
	return spaced(bench.Style{}.Number(value, unit))
}

// tick is a number as short as it can be, for an axis.
func tick(value float64, unit string) string {
	return strings.TrimSuffix(short(number(value, unit)), " allocs")
}

// spaced has a blank between number and unit, one at which no line is broken.
func spaced(text string) string {
	digits, unit := cut(text)
	if unit = strings.TrimSpace(unit); unit == "" {
		return digits
	}
	if prefix, per, ok := strings.Cut(unit, " "); ok && len(prefix) <= 2 { // "k req/s"
		return digits + prefix + "\u00a0" + per
	}
	return digits + "\u00a0" + unit
}

// cut parts a number and what follows it.
func cut(text string) (digits, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsDigit(r) && !strings.ContainsRune(".-+", r) })
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// short is a number without zeros that say nothing: "1.500 ms" is "1.5 ms".
func short(text string) string {
	digits, unit := cut(text)
	if strings.Contains(digits, ".") {
		digits = strings.TrimRight(strings.TrimRight(digits, "0"), ".")
	}
	if digits == "" || digits == "-" || digits == "-0" {
		digits = "0"
	}
	return digits + unit
}

// percent is a part of 1 without a sign: "12 %", "1.3 %".
func percent(part float64) string {
	return digits(part) + "\u00a0%"
}

func digits(part float64) string {
	size := 100 * math.Abs(part)
	switch {
	case size == 0:
		return "0"
	case math.IsNaN(size) || math.IsInf(size, 0):
		return "?"
	case size >= 1000:
		return strconv.FormatFloat(size, 'g', 3, 64)
	case size >= 10:
		return strconv.FormatFloat(size, 'f', 0, 64)
	}
	return strconv.FormatFloat(size, 'f', 1, 64)
}

// signed is a part of 1 with its sign, the minus a real one: "+12 %", "−1.3 %".
func signed(part float64) string {
	switch {
	case part < 0:
		return "−" + percent(part)
	case part > 0:
		return "+" + percent(part)
	}
	return percent(part)
}

// middle shortens a name in its middle: both ends tell names apart.
func middle(name string, most int) string {
	if utf8.RuneCountInString(name) <= most {
		return name
	}
	runes := []rune(name)
	left := (most - 1) / 2
	return string(runes[:left]) + "…" + string(runes[len(runes)-(most-1-left):])
}

// mostName is how much of a name is shown where there is room: nobody reads more.
const mostName = 120

// shown is a name as it is shown.
func shown(name string) string { return middle(name, mostName) }

// quiet isolates a name in the middle of a sentence, if it may not be written from
// left to right.
func quiet(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return isolate(name)
	}
	return name
}

// isolate keeps a name that is written from right to left from turning what is around
// it. In HTML that is the element bdi; the text of a picture has only the signs.
func isolate(name string) string { return "\u2068" + name + "\u2069" }

// count is a number of things in words: "1 run", "3 runs".
func count(n int, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "s"):
		one += "e"
	}
	return strconv.Itoa(n) + " " + one + "s"
}
