package page

import (
	"math"
	"slices"
	"strings"

	"github.com/go-analyze/charts/chartdraw"
)

// An axis is from lo to hi, of values or of their logarithms.
type axis struct {
	lo, hi float64 // as they are drawn: of a logarithmic axis the logarithms
	ticks  []chartdraw.Tick
	log    bool
}

// span keeps what the library would make of the ticks: they need not reach the ends.
func (a axis) span() chartdraw.Range {
	return &fixedRange{chartdraw.ContinuousRange{Min: a.lo, Max: a.hi}}
}

// A fixedRange stays as it is: the library would make it end at the ticks.
type fixedRange struct{ chartdraw.ContinuousRange }

// SetMin changes nothing.
func (*fixedRange) SetMin(float64) {}

// SetMax changes nothing.
func (*fixedRange) SetMax(float64) {}

// place is where a value is on the axis.
func (a axis) place(value float64) float64 {
	if a.log {
		return math.Log10(math.Max(value, math.SmallestNonzeroFloat64))
	}
	return value
}

// label puts a value at a place, unless it would be shown as the one before.
func (a *axis) label(at, value float64, unit string) {
	const most = 14 // letters; own metrics may have any unit
	text := middle(tick(value, unit), most)
	if n := len(a.ticks); n == 0 || a.ticks[n-1].Label != text {
		a.ticks = append(a.ticks, chartdraw.Tick{Value: at, Label: text})
	}
}

// muchApart is from how many times the least value on an axis is logarithmic.
const muchApart = 20

// valueAxis is an axis for values with a unit. It begins at zero only where the
// values do: what matters is how they differ.
func valueAxis(values []float64, unit string) axis {
	lo, hi := slices.Min(values), slices.Max(values)
	if lo > 0 && hi/lo >= muchApart {
		return logAxis(lo, hi, unit)
	}
	margin := 0.08 * (hi - lo)
	if hi == lo {
		margin = math.Max(math.Abs(hi)*0.05, 0.5)
	}
	a := axis{lo: lo - margin, hi: hi + margin}
	if lo >= 0 {
		a.lo = math.Max(a.lo, 0)
	}
	base := binary(unit, hi)
	for _, v := range nice(a.lo/base, a.hi/base, 5) {
		a.label(v*base, v*base, unit)
	}
	return a
}

// binary is what the numbers of a unit of bytes are counted in: KiB, MiB. It is 1 for
// all other units.
func binary(unit string, most float64) float64 {
	if !strings.HasPrefix(unit, "B") || most < 1<<14 {
		return 1
	}
	return math.Pow(1024, math.Floor(math.Log2(most)/10))
}

// logAxis has a label at each power of ten, or of a thousand, and where there are few of
// them, at 2 and 5 times them.
func logAxis(lo, hi float64, unit string) axis {
	a := axis{lo: math.Log10(lo), hi: math.Log10(hi), log: true}
	margin := 0.05 * (a.hi - a.lo)
	a.lo, a.hi = a.lo-margin, a.hi+margin
	digits := []float64{1}
	every := int(math.Ceil((a.hi - a.lo) / 6))
	switch wide := a.hi - a.lo; {
	case wide < 1.6:
		digits = []float64{1, 2, 5}
	case wide < 2.6:
		digits = []float64{1, 3}
	}
	for exp := int(math.Floor(a.lo)); float64(exp) <= a.hi; exp++ {
		for _, d := range digits {
			value := d * math.Pow10(exp)
			if at := math.Log10(value); at >= a.lo && at <= a.hi && exp%every == 0 {
				a.label(at, value, unit)
			}
		}
	}
	return a
}

// nice are about n round numbers from lo to hi: multiples of 1, 2 or 5 times a power
// of ten.
func nice(lo, hi float64, n int) (list []float64) {
	raw := (hi - lo) / float64(n)
	if !(raw > 0) || math.IsInf(raw, 0) {
		return nil
	}
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, m := range []float64{1, 2, 5} {
		if m*power >= raw {
			step = m * power
			break
		}
	}
	for i := math.Ceil(lo / step); i*step <= hi*(1+1e-12) && len(list) < 2*n+2; i++ {
		list = append(list, i*step)
	}
	return list
}
