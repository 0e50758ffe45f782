package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	mostBuckets  = 20
	defaultWidth = 72
)

// Histogram is a picture of the samples: a line for each of up to 20 buckets, each
// as many times larger than the one before, with a bar, the number of samples, and
// the quantiles that are in it. It is empty where there are no samples.
func (s Series) Histogram(style Style) string {
	sorted := s.Sorted()
	if len(sorted) == 0 {
		return ""
	}
	bounds := buckets(float64(max(sorted[0], 1)), float64(max(sorted[len(sorted)-1], 1)))
	counts, marks := make([]int, len(bounds)), make([]string, len(bounds))
	for _, v := range sorted {
		counts[bucket(bounds, v)]++
	}
	for _, q := range quantiles {
		i := bucket(bounds, sorted.Quantile(q))
		marks[i] += " " + strings.TrimSuffix(metricName(q, ""), "-")
	}
	width := style.Width
	if width == 0 {
		width = defaultWidth
	}
	return draw(bounds, counts, marks, s.Unit, width, style)
}

// buckets are the lower bounds of buckets from lo to hi, integers as samples are.
func buckets(lo, hi float64) (bounds []float64) {
	step := math.Pow(hi/lo, 1.0/mostBuckets)
	for bound := lo; len(bounds) == 0 || bound <= hi && len(bounds) < mostBuckets; {
		bounds = append(bounds, bound)
		bound = max(math.Round(bound*step), bound+1)
	}
	return bounds
}

// bucket is the last whose lower bound is not above a sample.
func bucket(bounds []float64, v int64) int {
	i := len(bounds) - 1
	for i > 0 && bounds[i] > float64(v) {
		i--
	}
	return i
}

func draw(bounds []float64, counts []int, marks []string, unit string, width int, style Style) string {
	labels, numbers := make([]string, len(bounds)), make([]string, len(bounds))
	most, beside := 0, 0
	for i, bound := range bounds {
		labels[i], numbers[i] = style.Number(bound, unit), fmt.Sprint(counts[i])
		most = max(most, counts[i])
		beside = max(beside, utf8.RuneCountInString(labels[i]))
	}
	right := 0
	for i := range bounds {
		right = max(right, 1+len(numbers[i])+len(marks[i]))
	}
	room := max(width-beside-3-right, 10)
	var out strings.Builder
	for i := range bounds {
		blank := strings.Repeat(" ", beside-utf8.RuneCountInString(labels[i]))
		line := []string{blank + labels[i], style.text("│"), bar(counts[i], most, room, style.ASCII), numbers[i] + marks[i]}
		line = slices.DeleteFunc(line, func(s string) bool { return s == "" })
		fmt.Fprintln(&out, strings.Join(line, " "))
	}
	return out.String()
}

// bar is as long as its share of the room, in eighths of a column where there are
// signs for them. What is more than nothing can be seen.
func bar(count, most, room int, ascii bool) string {
	if count == 0 {
		return ""
	}
	eighths := max(8*room*count/most, 1)
	if ascii {
		return strings.Repeat("#", (eighths+7)/8)
	}
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string(rune('█' + 8 - rest)) // U+2588 is full, U+258F one eighth
	}
	return text
}
