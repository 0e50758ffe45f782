package page

import "slices"

// A legend says what a sign of a picture is.
type legend struct{ Class, Sign, Text string }

// signs are the shapes of lanes as text.
var signs = [mostLanes]string{"●", "◆", "■", "▲", "●", "◆"}

func (v *view) dotsLegend(f *figure) (items []legend) {
	if len(f.lanes) > 1 {
		for i, l := range f.lanes[:min(len(f.lanes), mostLanes)] {
			items = append(items, legend{sideClasses[i], signs[i], v.name(l.config)})
		}
	}
	if slices.ContainsFunc(f.lanes, func(l *lane) bool { return len(l.counted()) > 0 }) {
		items = append(items, legend{"ink", "—", "median"})
	}
	if slices.ContainsFunc(f.lanes, func(l *lane) bool { return l.estimate.Confidence > 0 }) {
		items = append(items, legend{"band", "▬", "95 % interval"})
	}
	for _, l := range f.lanes {
		if len(l.counted()) < len(l.dots) {
			return append(items, legend{"out", "✕", "does not count (↑: off the scale)"})
		}
	}
	return items
}

func (v *view) curveLegend(d *distribution) (items []legend) {
	for i, s := range d.sides() {
		text := "each run thin, their median thick"
		if len(s.runs) == 1 {
			text = "one run"
		}
		if name := v.name(s.config); name != "" {
			text = name
		}
		items = append(items, legend{sideClasses[i], signs[i], text})
	}
	return items
}

func heapLegend() []legend {
	return []legend{{"a", "—", "left by a collection"}, {"b", "- -", "goal of the next"}}
}
