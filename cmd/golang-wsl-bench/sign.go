package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/term"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/signature"
)

// A keyError is a key that nobody can sign with.
type keyError struct {
	file string
	err  error
}

func (e *keyError) Error() string { return fmt.Sprintf("sign with %s: %v", e.file, e.err) }
func (e *keyError) Unwrap() error { return e.err }

// hint is what to do about it.
func (e *keyError) hint() string {
	missing := (*ssh.PassphraseMissingError)(nil)
	switch {
	case errors.As(e.err, &missing):
		return "there is no terminal to ask for its passphrase: ssh-add " + e.file + ", then --sign " + e.file + ".pub"
	case errors.Is(e.err, errNoAgent), errors.Is(e.err, errNotInAgent):
		return "give the private key, or have ssh-agent keep it: ssh-add"
	}
	return "a private key of SSH is wanted, such as ~/.ssh/id_ed25519"
}

var (
	errNoAgent    = errors.New("this is a public key, and there is no agent (SSH_AUTH_SOCK) that has the private one")
	errNotInAgent = errors.New("this is a public key, and the agent does not have the private one")
)

// passphrase asks for the passphrase of a key where somebody can answer; else nil.
func (a *app) passphrase(file string) func() ([]byte, error) {
	in, ok := a.std.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil
	}
	return func() ([]byte, error) {
		fmt.Fprintf(a.std.err, "golang-wsl: passphrase of %s: ", file)
		defer fmt.Fprintln(a.std.err)
		return term.ReadPassword(int(in.Fd()))
	}
}

// agentKey is a key that the agent keeps, by its public part. The connection stays as
// long as this program.
func (a *app) agentKey(file string, public []byte) (*signature.Key, error) {
	want, _, _, _, err := ssh.ParseAuthorizedKey(public)
	if err != nil {
		return nil, &keyError{file, err}
	}
	socket := a.env("SSH_AUTH_SOCK")
	if socket == "" {
		return nil, &keyError{file, errNoAgent}
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, &keyError{file, errors.Join(errNoAgent, err)}
	}
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		return nil, &keyError{file, err}
	}
	for _, s := range signers {
		if bytes.Equal(s.PublicKey().Marshal(), want.Marshal()) {
			return signature.FromSSH(s), nil
		}
	}
	return nil, &keyError{file, errNotInAgent}
}
