package signature

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"

	"golang.org/x/crypto/ssh"
)

// The form is that of PROTOCOL.sshsig of OpenSSH.
const (
	armorBegin = "-----BEGIN SSH SIGNATURE-----\n"
	armorEnd   = "-----END SSH SIGNATURE-----\n"
	armorWidth = 70 // of ssh-keygen
	preamble   = "SSHSIG"
	sigVersion = 1
)

// A blob is a signature without its armor.
type blob struct {
	Preamble  [6]byte
	Version   uint32
	PublicKey string
	Namespace string
	Reserved  string
	Hash      string
	Signature string
}

// message is what the key signs.
type message struct {
	Preamble  [6]byte
	Namespace string
	Reserved  string
	Hash      string
	Digest    string
}

func (b blob) message(text []byte) ([]byte, error) {
	m := message{Preamble: b.Preamble, Namespace: b.Namespace, Reserved: b.Reserved, Hash: b.Hash}
	switch b.Hash {
	case "sha512":
		sum := sha512.Sum512(text)
		m.Digest = string(sum[:])
	case "sha256":
		sum := sha256.Sum256(text)
		m.Digest = string(sum[:])
	default:
		return nil, ErrForm
	}
	return ssh.Marshal(m), nil
}

func newBlob(key ssh.PublicKey) blob {
	return blob{
		Preamble: [6]byte([]byte(preamble)), Version: sigVersion, PublicKey: string(key.Marshal()),
		Namespace: Namespace, Hash: "sha512",
	}
}

func signSSH(text []byte, signer ssh.Signer) ([]byte, error) {
	if _, ok := signer.PublicKey().(*ssh.Certificate); ok {
		return nil, errors.New("this is a certificate: sign with its key")
	}
	b := newBlob(signer.PublicKey())
	m, err := b.message(text)
	if err != nil {
		return nil, err
	}
	sig, err := sign(signer, m)
	if err != nil {
		return nil, err
	}
	b.Signature = string(ssh.Marshal(*sig))
	return armor(ssh.Marshal(b)), nil
}

// sign keeps RSA away from SHA-1, which is what its oldest form has.
func sign(signer ssh.Signer, m []byte) (*ssh.Signature, error) {
	if signer.PublicKey().Type() != ssh.KeyAlgoRSA {
		return signer.Sign(rand.Reader, m)
	}
	with, ok := signer.(ssh.AlgorithmSigner)
	if !ok {
		return nil, errors.New("whoever has this RSA key signs with SHA-1 only")
	}
	return with.SignWithAlgorithm(rand.Reader, m, ssh.KeyAlgoRSASHA512)
}

func armor(data []byte) []byte {
	text := base64.StdEncoding.EncodeToString(data)
	var out bytes.Buffer
	out.WriteString(armorBegin)
	for len(text) > 0 {
		n := min(armorWidth, len(text))
		out.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	out.WriteString(armorEnd)
	return out.Bytes()
}

// unarmor takes the one form that armor makes.
func unarmor(sig []byte) (b blob, err error) {
	text, ok := bytes.CutPrefix(sig, []byte(armorBegin))
	text, ok2 := bytes.CutSuffix(text, []byte(armorEnd))
	data, err := base64.StdEncoding.DecodeString(string(bytes.ReplaceAll(text, []byte("\n"), nil)))
	if !ok || !ok2 || err != nil || ssh.Unmarshal(data, &b) != nil {
		return b, ErrForm
	}
	if string(b.Preamble[:]) != preamble || b.Version != sigVersion || !bytes.Equal(armor(ssh.Marshal(b)), sig) {
		return b, ErrForm
	}
	return b, nil
}

func verifySSH(text, sig []byte, trusted *Trusted) (Signer, error) {
	b, err := unarmor(sig)
	if err != nil {
		return Signer{}, err
	}
	key, err := ssh.ParsePublicKey([]byte(b.PublicKey))
	if err != nil {
		return Signer{}, ErrForm
	}
	if _, ok := key.(*ssh.Certificate); ok {
		return Signer{}, errors.New("signed with a certificate, which is not read here")
	}
	who := Signer{Kind: SSH, Key: sshKey(key)}
	if b.Namespace != Namespace {
		return who, ErrInvalid
	}
	m, err := b.message(text)
	if err != nil {
		return who, err
	}
	var s ssh.Signature
	if err := ssh.Unmarshal([]byte(b.Signature), &s); err != nil || s.Format == ssh.KeyAlgoRSA { // with SHA-1
		return who, ErrForm
	}
	if err := key.Verify(m, &s); err != nil {
		return who, ErrInvalid
	}
	who.Checked = true
	return who.known(trusted, key)
}

func (s Signer) known(trusted *Trusted, key ssh.PublicKey) (Signer, error) {
	if trusted == nil {
		return s, nil
	}
	for _, t := range trusted.ssh {
		if bytes.Equal(t.key.Marshal(), key.Marshal()) {
			s.Name, s.Trusted = t.name, true
			return s, nil
		}
	}
	return s, ErrStranger
}

func sshKey(key ssh.PublicKey) string { return key.Type() + " " + ssh.FingerprintSHA256(key) }
