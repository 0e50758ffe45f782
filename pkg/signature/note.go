package signature

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// statement is what a note says. It has the text's sum and not the text: notes are
// short, and this one can be passed on alone.
func statement(text []byte) string {
	return fmt.Sprintf("%s\nsha256 %x\n", Namespace, sha256.Sum256(text))
}

func verifyNote(text, sig []byte, trusted *Trusted) (Signer, error) {
	var verifiers []note.Verifier
	if trusted != nil {
		verifiers = trusted.note
	}
	n, err := note.Open(sig, note.VerifierList(verifiers...))
	unverified, invalid := (*note.UnverifiedNoteError)(nil), (*note.InvalidSignatureError)(nil)
	switch {
	case errors.As(err, &invalid):
		return Signer{Kind: Note, Key: noteKey(invalid.Name, invalid.Hash)}, ErrInvalid
	case errors.As(err, &unverified):
		n = unverified.Note
	case err != nil:
		return Signer{}, ErrForm
	}
	list := append(n.Sigs, n.UnverifiedSigs...)
	if len(list) != 1 || string(sig) != fmt.Sprintf("%s\n— %s %s\n", n.Text, list[0].Name, plain(list[0].Base64)) {
		return Signer{}, ErrForm
	}
	who := Signer{Kind: Note, Key: noteKey(list[0].Name, list[0].Hash)}
	switch {
	case n.Text != statement(text):
		return who, ErrInvalid
	case len(n.Sigs) == 1:
		who.Name, who.Checked, who.Trusted = list[0].Name, true, true
	case trusted != nil:
		return who, ErrStranger
	}
	return who, nil
}

// plain is a text in base64 with nothing in the bits that do not count.
func plain(text string) string {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(data)
}

func noteKey(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }
