package page

import (
	"bytes"
	"html"
	"html/template"
	"math"
	"strings"

	"github.com/go-analyze/charts/chartdraw"
)

// A drawing has this many units for each pixel of a page at 400 pixels: the library's
// coordinates are whole numbers.
const (
	unitsPerPixel = 2
	chartWidth    = 400
	// Text is measured a little larger than it is: the font of the reader may be wider
	// than the library's.
	fontSize = 13
)

// A chart is a picture with two axes. It has no colours, only classes: the style of
// the page says what they look like, in the light and in the dark.
type chart struct {
	title  string // what a screen reader says
	height int    // in pixels, of a picture that is 400 wide
	x, y   axis
	marks  []mark
}

// A mark draws something between the axes.
type mark func(c *canvas)

// A canvas is where marks draw, in the units of the axes.
type canvas struct {
	r    chartdraw.Renderer
	box  chartdraw.Box
	x, y chartdraw.Range
}

// svg is the picture, or nothing where there is none to draw.
func (c *chart) svg(class string) (template.HTML, error) {
	var out bytes.Buffer
	drawing := chartdraw.Chart{
		Width: chartWidth * unitsPerPixel, Height: c.height * unitsPerPixel,
		DPI:        72, // so that a point is a pixel
		Background: chartdraw.Style{ClassName: "paper", Padding: c.padding()},
		Canvas:     chartdraw.Style{ClassName: "paper"},
		XAxis:      chartdraw.XAxis{Style: axisStyle(), Range: c.x.span(), Ticks: c.x.ticks, GridMajorStyle: chartdraw.Hidden(), GridMinorStyle: chartdraw.Hidden()},
		// The library's second axis is the one on the left.
		YAxis:          chartdraw.YAxis{Style: chartdraw.Hidden(), Range: &chartdraw.ContinuousRange{Max: 1}},
		YAxisSecondary: chartdraw.YAxis{Style: axisStyle(), Range: c.y.span(), Ticks: c.y.ticks, Zero: chartdraw.GridLine{Style: chartdraw.Hidden()}, GridMajorStyle: chartdraw.Hidden(), GridMinorStyle: chartdraw.Hidden()},
		Series:         []chartdraw.Series{marks{c}},
	}
	if err := drawing.Render(chartdraw.SVG, &out); err != nil {
		return "", err
	}
	// The library knows nothing of those who cannot see a picture.
	label := html.EscapeString(strings.Map(printable, middle(c.title, 2*mostName)))
	head := `<svg class="` + class + `" role="img" aria-label="` + label + `" `
	return template.HTML(strings.Replace(out.String(), "<svg ", head, 1)), nil
}

// printable drops what XML forbids and HTML would show as a box.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

// padding leaves room for half a label at each end of an axis.
func (c *chart) padding() chartdraw.Box {
	return chartdraw.Box{Top: 10 * unitsPerPixel, Right: 14 * unitsPerPixel, Bottom: 8 * unitsPerPixel, Left: 2 * unitsPerPixel, IsSet: true}
}

func axisStyle() chartdraw.Style {
	return chartdraw.Style{
		ClassName: "axis", StrokeWidth: 1,
		FontStyle: chartdraw.FontStyle{FontSize: fontSize * unitsPerPixel, Font: chartdraw.GetDefaultFont()},
	}
}

// marks are all marks of a chart as a series of the library.
type marks struct{ c *chart }

// GetName is asked for by the library.
func (m marks) GetName() string { return "" }

// GetYAxis says that the axis on the left is meant.
func (m marks) GetYAxis() chartdraw.YAxisType { return chartdraw.YAxisSecondary }

// GetStyle is asked for by the library.
func (m marks) GetStyle() chartdraw.Style { return chartdraw.Style{} }

// Validate finds nothing wrong.
func (m marks) Validate() error { return nil }

// Render draws the grid and all marks.
func (m marks) Render(r chartdraw.Renderer, box chartdraw.Box, x, y chartdraw.Range, _ chartdraw.Style) {
	c := &canvas{r, box, x, y}
	for _, t := range m.c.y.ticks {
		if t.Label != "" {
			c.line("grid", [2]float64{x.GetMin(), t.Value}, [2]float64{x.GetMax(), t.Value})
		}
	}
	for _, draw := range m.c.marks {
		draw(c)
	}
}

// at is where a place on the axes is in the picture.
func (c *canvas) at(x, y float64) (left, top int) {
	return c.box.Left + c.x.Translate(x), c.box.Bottom - c.y.Translate(y)
}

// line draws from place to place.
func (c *canvas) line(class string, places ...[2]float64) {
	c.r.SetClassName(class)
	for i, p := range places {
		left, top := c.at(p[0], p[1])
		if i == 0 {
			c.r.MoveTo(left, top)
		} else {
			c.r.LineTo(left, top)
		}
	}
	c.r.Stroke()
}

// band fills from one place to the one across.
func (c *canvas) band(class string, from, to [2]float64) {
	c.r.SetClassName(class)
	left, bottom := c.at(from[0], from[1])
	right, top := c.at(to[0], to[1])
	if bottom-top < unitsPerPixel { // what has no height can still be seen
		top, bottom = top-1, bottom+1
	}
	c.r.MoveTo(left, bottom)
	c.r.LineTo(left, top)
	c.r.LineTo(right, top)
	c.r.LineTo(right, bottom)
	c.r.Close()
	c.r.Fill()
}

// A shape tells sides apart where colours do not.
type shape int

const (
	disc shape = iota
	diamond
	square
	triangle
	cross // what does not count
)

// dot draws a shape around a place.
func (c *canvas) dot(class string, s shape, x, y float64) {
	c.r.SetClassName(class)
	left, top := c.at(x, y)
	const size = 4 * unitsPerPixel
	switch s {
	case disc:
		c.r.Circle(size-1, left, top)
		c.r.Fill()
		return
	case cross:
		const arm = size - 2
		c.r.MoveTo(left-arm, top-arm)
		c.r.LineTo(left+arm, top+arm)
		c.r.MoveTo(left-arm, top+arm)
		c.r.LineTo(left+arm, top-arm)
		c.r.Stroke()
		return
	}
	for i, corner := range corners(s) {
		dx, dy := int(math.Round(corner[0]*size)), int(math.Round(corner[1]*size))
		if i == 0 {
			c.r.MoveTo(left+dx, top+dy)
		} else {
			c.r.LineTo(left+dx, top+dy)
		}
	}
	c.r.Close()
	c.r.Fill()
}

// far draws an arrow at the upper or lower edge, for what is beyond it.
func (c *canvas) far(class string, x float64, up bool) {
	c.r.SetClassName(class)
	left, _ := c.at(x, 0)
	const size = 4 * unitsPerPixel
	tip, way := c.box.Top+1, 1
	if !up {
		tip, way = c.box.Bottom-1, -1
	}
	c.r.MoveTo(left-size, tip+way*size)
	c.r.LineTo(left, tip)
	c.r.LineTo(left+size, tip+way*size)
	c.r.MoveTo(left, tip)
	c.r.LineTo(left, tip+way*3*size)
	c.r.Stroke()
}

// corners are those of a shape around 0, as far as 1 away.
func corners(s shape) [][2]float64 {
	switch s {
	case diamond:
		return [][2]float64{{0, -1.1}, {1.1, 0}, {0, 1.1}, {-1.1, 0}}
	case triangle:
		return [][2]float64{{0, -1.1}, {1, 0.8}, {-1, 0.8}}
	}
	return [][2]float64{{-0.8, -0.8}, {0.8, -0.8}, {0.8, 0.8}, {-0.8, 0.8}}
}

// text writes beside a place, dx and dy pixels away.
func (c *canvas) text(class, text string, x, y float64, dx, dy int) {
	left, top := c.at(x, y)
	c.r.SetClassName(class)
	c.r.Text(text, left+dx*unitsPerPixel, top+dy*unitsPerPixel)
}
