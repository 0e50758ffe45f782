package report

import (
	"fmt"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/signature"
)

// Checks are what [Bundle.Verify] goes by.
type Checks struct {
	// Trusted are the keys of which one must have signed. nil takes any signature, and
	// none.
	Trusted *signature.Trusted
	// Tool is who verifies. What another version has written in words may differ from
	// what this one would write.
	Tool Tool
}

// A Verification is what came of verifying a bundle.
type Verification struct {
	Schema int  `json:"schema"` // 1
	Sound  bool `json:"sound"`  // there are no findings
	// Root is the SHA-256 of manifest.json, which has those of all other files. Two
	// bundles with one root have the same contents.
	Root     string            `json:"root"`
	Tool     Tool              `json:"tool"` // that measured
	Files    int               `json:"files"`
	Runs     int               `json:"runs"`
	Signer   *signature.Signer `json:"signer,omitempty"`
	Signed   string            `json:"signed"` // who has signed, in words, and what that means
	Findings []Finding         `json:"findings"`
	// Doubts are what could not be checked.
	Doubts []Finding `json:"doubts"`
}

// Verify holds each byte of the bundle against what it must be, checks the signature,
// and makes all that follows from the measured again: the numbers of runs from what
// the processes wrote, tables, verdict, flame graphs and page from those.
func (b *Bundle) Verify(c Checks) *Verification {
	v := &Verification{
		Schema: Schema, Root: sum(b.text), Tool: b.Manifest.Tool, Files: len(b.Manifest.Files) + 1,
		Findings: []Finding{}, Doubts: []Finding{},
	}
	v.Findings = append(v.Findings, b.found...)
	b.signed(v, c.Trusted)
	if len(b.found) == 0 {
		b.derive(v, c)
	} else {
		v.doubt("", "what follows from the samples was not made again, as the bundle is damaged")
	}
	v.Sound = len(v.Findings) == 0
	return v
}

// Damage is what is not as it was written: the bytes of the bundle, by its own hashes.
// Verify finds more, and takes longer.
func (b *Bundle) Damage() []Finding { return b.found }

func (v *Verification) find(file, format string, args ...any) {
	v.Findings = append(v.Findings, Finding{File: file, Text: fmt.Sprintf(format, args...)})
}

func (v *Verification) doubt(file, format string, args ...any) {
	v.Doubts = append(v.Doubts, Finding{File: file, Text: fmt.Sprintf(format, args...)})
}

const unsigned = "not signed: hashes show damage, not who made it"

func (b *Bundle) signed(v *Verification, trusted *signature.Trusted) {
	if b.Manifest.Signature == "" {
		if v.Signed = unsigned; trusted != nil {
			v.find("", "it is not signed")
		}
		return
	}
	who, err := signature.Verify(b.text, b.sig, trusted)
	if err == nil && who.Kind != b.Manifest.Signature {
		err = signature.ErrForm
	}
	v.Signer = &who
	switch {
	case err != nil && who.Key != "":
		v.find(signatureName, "%v (%s)", err, who.Key)
		v.Signed = "the signature is not good"
	case err != nil:
		v.find(signatureName, "%v", err)
		v.Signed = "the signature is not good"
		v.Signer = nil
	case who.Trusted:
		v.Signed = fmt.Sprintf("signed by %s with a key that you trust: %s", nameOr(who.Name, "somebody"), who.Key)
	case who.Checked:
		v.Signed = fmt.Sprintf("signed with %s; whose key that is nobody has said (--key)", who.Key)
	default:
		v.Signed = fmt.Sprintf("says that it is signed with %s, which is not checked without that key (--key)", who.Key)
	}
}

func nameOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}
