package signature

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/mod/sumdb/note"
)

// ErrPublic is a public key where one to sign with was wanted.
var ErrPublic = errors.New("this is a public key, with which nobody can sign")

// A Key signs.
type Key struct {
	ssh  ssh.Signer
	note note.Signer
}

// FromSSH is a key that another program keeps, such as an agent.
func FromSSH(signer ssh.Signer) *Key { return &Key{ssh: signer} }

// ParseKey reads what a file with a private key has: one of SSH, or the line
// "PRIVATE+KEY+..." of a note. Where it is encrypted, passphrase is asked; where that
// is nil, the error is a [*ssh.PassphraseMissingError].
func ParseKey(file []byte, passphrase func() ([]byte, error)) (*Key, error) {
	if text := strings.TrimSpace(string(file)); strings.HasPrefix(text, "PRIVATE+KEY+") {
		signer, err := note.NewSigner(text)
		if err != nil {
			return nil, err
		}
		return &Key{note: signer}, nil
	}
	if _, _, _, _, err := ssh.ParseAuthorizedKey(file); err == nil {
		return nil, ErrPublic
	}
	signer, err := ssh.ParsePrivateKey(file)
	missing := (*ssh.PassphraseMissingError)(nil)
	if errors.As(err, &missing) && passphrase != nil {
		word, perr := passphrase()
		if perr != nil {
			return nil, perr
		}
		signer, err = ssh.ParsePrivateKeyWithPassphrase(file, word)
	}
	if err != nil {
		return nil, err
	}
	return FromSSH(signer), nil
}

// Kind is [SSH] or [Note].
func (k *Key) Kind() string {
	if k.note != nil {
		return Note
	}
	return SSH
}

// String is the public key, as [Signer] has it.
func (k *Key) String() string {
	if k.note != nil {
		return noteKey(k.note.Name(), k.note.KeyHash())
	}
	return sshKey(k.ssh.PublicKey())
}

// Sign signs a text.
func (k *Key) Sign(text []byte) ([]byte, error) {
	if k.note != nil {
		return note.Sign(&note.Note{Text: statement(text)}, k.note)
	}
	return signSSH(text, k.ssh)
}

// Trusted are public keys that somebody trusts.
type Trusted struct {
	ssh  []trustedSSH
	note []note.Verifier
}

type trustedSSH struct {
	key  ssh.PublicKey
	name string
}

// ParseTrusted reads public keys, one a line: "name+hash+key" of a note, "ssh-ed25519
// AAAA... comment", or a line of an allowed_signers file of ssh-keygen, of which it
// knows the option namespaces. A line with another option is an error, as it says
// that the key must not always be trusted; of cert-authority as well, as certificates
// are not read.
func ParseTrusted(text []byte) (*Trusted, error) {
	t := new(Trusted)
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		if err := t.add(string(line)); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if len(t.ssh)+len(t.note) == 0 {
		return nil, errors.New("there is no public key in it")
	}
	return t, nil
}

func (t *Trusted) add(line string) error {
	if verifier, err := note.NewVerifier(line); err == nil {
		t.note = append(t.note, verifier)
		return nil
	}
	if key, comment, options, _, err := ssh.ParseAuthorizedKey([]byte(line)); err == nil && len(options) == 0 {
		t.ssh = append(t.ssh, trustedSSH{key, comment})
		return nil
	}
	principals, rest, _ := strings.Cut(line, " ")
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(rest))
	if err != nil {
		return errors.New("no public key of SSH, none of a note, and no allowed signer")
	}
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		if !strings.EqualFold(name, "namespaces") {
			return fmt.Errorf("the option %s is not understood here: ask ssh-keygen -Y verify", name)
		}
		if !hasNamespace(strings.Trim(value, `"`)) {
			return nil // trusted for something else
		}
	}
	t.ssh = append(t.ssh, trustedSSH{key, strings.Trim(principals, `"`)})
	return nil
}

func hasNamespace(list string) bool {
	for name := range strings.SplitSeq(list, ",") {
		if name == Namespace || name == "*" {
			return true
		}
	}
	return false
}
