package page

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"html/template"
	"regexp"
	"strings"
)

// A framed is a flame graph in its frame.
type framed struct {
	Name, File string
	Source     template.HTMLAttr
	Hot        table
}

// scripts are the scripts of a page. What the browser takes for another one is not
// allowed, and does nothing.
var scripts = regexp.MustCompile(`(?is)<script[^>]*>(.*?)</script`)

// newFlames puts each graph into a frame, and makes the policy of the page: nothing
// is loaded from anywhere, and no script runs but those of the graphs, each by its
// hash. A frame has the policy of the page around it.
func newFlames(graphs []Flame) (list []framed, policy template.HTML) {
	var hashes []string
	for _, g := range graphs {
		page := strings.ReplaceAll(string(g.HTML), "\x00", "\ufffd") // as a browser reads it
		for _, m := range scripts.FindAllStringSubmatch(page, -1) {
			sum := sha256.Sum256([]byte(m[1]))
			hashes = append(hashes, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
		}
		list = append(list, framed{
			Name: shown(g.Name), File: g.File, Hot: hotTable(g.Hot),
			Source: template.HTMLAttr(`srcdoc="` + html.EscapeString(page) + `"`),
		})
	}
	rules := []string{"default-src 'none'", "style-src 'unsafe-inline'", "img-src data:", "base-uri 'none'", "form-action 'none'"}
	if len(hashes) > 0 {
		rules = append(rules, "script-src "+strings.Join(hashes, " "))
	}
	return list, template.HTML(`<meta http-equiv="Content-Security-Policy" content="` + strings.Join(rules, "; ") + `">`)
}

// hotTable is the graph for those who cannot see it.
func hotTable(hot []Hot) table {
	t := table{Caption: "The functions that took most", Head: []string{"function", "itself", "with what it calls"}}
	for _, h := range hot {
		t.Rows = append(t.Rows, row{Cells: []cell{{Text: shown(h.Function), Class: "name"}, {Text: number(h.Flat, h.Unit), Number: true}, {Text: number(h.Cum, h.Unit), Number: true}}})
	}
	return t
}
