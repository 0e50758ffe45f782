// Package signature signs a text and says who has signed one: with an SSH key, as
// ssh-keygen -Y does, or with a key of golang.org/x/mod/sumdb/note.
//
//	key, err := signature.ParseKey(pem, passphrase) // ~/.ssh/id_ed25519
//	sig, err := key.Sign(text)
//	trusted, err := signature.ParseTrusted(file)    // id_ed25519.pub, allowed_signers
//	who, err := signature.Verify(text, sig, trusted)
//
// A signature is of one form only, so that each byte of it counts. Those of SSH are
// read by ssh-keygen, with the namespace of this package:
//
//	ssh-keygen -Y verify -f allowed_signers -I NAME -n golang-wsl-bench -s text.sig <text
package signature

import (
	"bytes"
	"errors"
)

// Namespace is what SSH signatures are for: one that was made for a commit of git or
// for a file is none for a report.
const Namespace = "golang-wsl-bench"

// Kinds of signatures.
const (
	SSH  = "ssh"
	Note = "note"
)

var (
	// ErrForm is a signature that is none, or is written in another way than it must be.
	ErrForm = errors.New("no signature of SSH and no signed note, as they are written here")
	// ErrInvalid is a signature of another text, or one that was changed.
	ErrInvalid = errors.New("the signature does not fit")
	// ErrStranger is a signature by a key that is not among those which are trusted.
	ErrStranger = errors.New("signed by another key")
)

// Most is how many bytes a signature may have: one by RSA with 16,384 bits has 6 KB.
const Most = 64 << 10

// A Signer says who has signed.
type Signer struct {
	Kind string `json:"kind"` // [SSH] or [Note]
	Key  string `json:"key"`  // "ssh-ed25519 SHA256:...", or of a note "name+hash"
	// Name is what the list of trusted keys calls it; "" where the key is in none.
	Name string `json:"name,omitempty"`
	// Checked is whether the signature fits the text. It is false for a note of which
	// the key is not known: a note names its key, and one of SSH has it.
	Checked bool `json:"checked"`
	// Trusted is whether the key is among those that the caller trusts.
	Trusted bool `json:"trusted"`
}

// Verify says who has signed a text. Without trusted keys, nil, that is no more than
// what the signature claims, and Signer.Trusted is false. With them another key is
// [ErrStranger].
func Verify(text, sig []byte, trusted *Trusted) (Signer, error) {
	switch {
	case len(sig) > Most:
		return Signer{}, ErrForm
	case bytes.HasPrefix(sig, []byte(armorBegin)):
		return verifySSH(text, sig, trusted)
	}
	return verifyNote(text, sig, trusted)
}
