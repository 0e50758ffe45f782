package page

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// In a real browser: nothing on the console, no request, no width that must be
// scrolled, text that can be read, and as many signs as there are data.
func TestInChromium(t *testing.T) {
	b := newBrowser(t)
	for _, p := range browserPages(t) {
		html := render(t, p.data)
		for _, width := range []int64{390, 1440} {
			for _, scheme := range []string{"light", "dark"} {
				if (width == 390) == (scheme == "light") && os.Getenv("GOLANG_WSL_TEST_LONG") != "1" && os.Getenv("GOLANG_WSL_SCREENSHOTS") == "" {
					continue // two of the four are enough for a first look
				}
				name := fmt.Sprintf("%s-%d-%s", p.name, width, scheme)
				t.Run(name, func(t *testing.T) {
					v := b.open(t, html, width, scheme)
					v.shoot(name)
					drawn := v.frames()
					require.Len(t, drawn, len(p.data.Flames))
					if len(drawn) > 0 {
						v.shootWindow(name + "-flame")
					}
					v.quiet()
					v.alone()
					require.LessOrEqual(t, evaluate[float64](v, "document.scrollingElement.scrollWidth"), float64(width), evaluate[[]string](v, tooWide))
					require.Empty(t, evaluate[[]string](v, faint), "text below a contrast of 4.5")
					require.Empty(t, evaluate[[]string](v, outside), "signs outside of their picture, or without a size")
					for selector, counts := range p.counts {
						require.Equal(t, counts, evaluate[[]int](v, fmt.Sprintf(perPicture, selector)), selector)
					}
				})
			}
		}
	}
}

// Whatever names there are, and however many, nothing of them runs or leaves, and the
// page is no wider than a phone.
func TestHostileInChromium(t *testing.T) {
	b := newBrowser(t)
	for name, d := range map[string]Data{"hostile": hostileData(t), "many": manyData(t), "nothing": {}} {
		t.Run(name, func(t *testing.T) {
			v := b.open(t, render(t, d), 390, "light")
			v.shoot(name)
			v.alone()
			require.LessOrEqual(t, evaluate[float64](v, "document.scrollingElement.scrollWidth"), 390.0, evaluate[[]string](v, tooWide))
			require.Empty(t, evaluate[[]string](v, outside))
			require.Zero(t, evaluate[int](v, `document.querySelectorAll("script, img").length`))
			require.Equal(t, 1, evaluate[int](v, `document.querySelectorAll("h1").length`))
		})
	}
}

// frames draw their flame graphs, although they may do nothing else: each is a
// picture of the window, in which it has boxes with names.
func (v *visit) frames() (drawn []int) {
	v.t.Helper()
	tree, err := chromedp.Call(v.ctx, cdppage.GetFrameTree, cdp.Empty{})
	require.NoError(v.t, err)
	evaluate[bool](v, `(document.querySelectorAll("details:has(iframe)").forEach(d => d.open = true), true)`)
	for i, child := range tree.FrameTree.ChildFrames {
		evaluate[bool](v, fmt.Sprintf(`(document.querySelectorAll("iframe")[%d].scrollIntoView(), true)`, i))
		require.EventuallyWithT(v.t, func(c *assert.CollectT) {
			world, err := chromedp.Call(v.ctx, cdppage.CreateIsolatedWorld, cdppage.CreateIsolatedWorldParams{FrameID: child.Frame.ID})
			require.NoError(c, err)
			result, err := chromedp.Call(v.ctx, runtime.Evaluate, runtime.EvaluateParams{
				ContextID:  world.ExecutionContextID,
				Expression: `document.querySelectorAll(".boxbg").length * (document.body.innerText.includes("root") ? 1 : 0)`,
			})
			require.NoError(c, err)
			n, err := strconv.Atoi(string(result.Result.Value))
			require.NoError(c, err)
			require.Greater(c, n, 3)
			drawn = append(drawn, n)
		}, 20*time.Second, 100*time.Millisecond)
	}
	return drawn
}

// A browserPage is a page and how many signs of each kind each of its pictures has.
type browserPage struct {
	name   string
	data   Data
	counts map[string][]int // by selector, for each picture that has any
}

func browserPages(t *testing.T) []browserPage {
	return []browserPage{
		{"compared", comparedData(t), map[string][]int{
			".dot": {20, 20, 20, 20}, ".out": {2, 2, 2, 2}, ".dots .median": {2, 2, 2, 2}, ".dots .interval": {2, 2, 2, 2},
			".change": {4}, ".changes .interval": {4}, ".change.worse": {2}, ".change.better": {1}, ".live": {1}, ".goal": {1},
		}},
		{"full", fullData(t), map[string][]int{".dot": {20, 20, 20, 20}, ".out": {2, 2, 2, 2}, ".far": {1, 1, 1, 2}, ".change": {4}, ".live": {1}}},
		{"sampled", Data{Command: []string{"golang-wsl", "bench", "sched"}, Set: sampledSet(10, 5000, "")}, map[string][]int{
			".dot": {10, 10, 10, 10}, ".run": {10, 10}, ".most": {10, 10}, ".quantiles .median": {1, 1},
		}},
	}
}

// perPicture counts the signs in each picture that has any.
const perPicture = `[...document.querySelectorAll("svg.plot")].map(s => [...document.querySelectorAll("%s")].filter(e => s.contains(e)).length).filter(n => n > 0)`

// outside lists signs that cannot be seen: beyond the edge of their picture, or of no
// colour.
const outside = `[...document.querySelectorAll("svg.plot path:not(.paper), svg.plot circle, svg.plot text")].filter(e => {
	const r = e.getBoundingClientRect(), s = e.ownerSVGElement.getBoundingClientRect(), c = getComputedStyle(e);
	return r.left < s.left - 1 || r.right > s.right + 1 || r.top < s.top - 1 || r.bottom > s.bottom + 1 || c.fill == "none" && c.stroke == "none";
}).map(e => e.outerHTML.slice(0, 200))`

// tooWide names the elements that reach out of the window, for a failure.
const tooWide = `[...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))`

// faint lists texts whose contrast with what is behind them is below 4.5, as the WCAG
// compute it from the colours that the browser has.
const faint = `(() => {
	const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
	const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length == 3 || c[3] > 0.99) return c; } return [255, 255, 255]; };
	const out = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let seen = 0;
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement;
		if (!walker.currentNode.data.trim() || ["STYLE", "SCRIPT", "TITLE"].includes(e.tagName)) continue;
		seen++;
		const style = getComputedStyle(e);
		const front = parse(e instanceof SVGElement ? style.fill : style.color), back = behind(e);
		const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
		if ((a + 0.05) / (b + 0.05) < 4.5) out.push(e.tagName + " " + ((a + 0.05) / (b + 0.05)).toFixed(2) + " " + walker.currentNode.data.slice(0, 60));
	}
	if (seen < 20) out.push("there is hardly any text: " + seen);
	return out;
})()`
