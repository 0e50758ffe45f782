package signature

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"golang.org/x/mod/sumdb/note"
)

var text = []byte("{\n \"schema\": 1\n}\n")

// need is a command of the machine; CI has all of them.
func need(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("REQUIRE_SSH_KEYGEN") != "" {
			t.Fatalf("%s is missing", name)
		}
		t.Skipf("no %s", name)
	}
}

func run(t *testing.T, stdin []byte, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// keygen makes a key and returns the path of its private part.
func keygen(t *testing.T, passphrase string, args ...string) string {
	t.Helper()
	need(t, "ssh-keygen")
	path := filepath.Join(t.TempDir(), "id")
	out, err := run(t, nil, "ssh-keygen", append([]string{"-q", "-N", passphrase, "-C", "ann@example.com", "-f", path}, args...)...)
	require.NoError(t, err, out)
	return path
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func parse(t *testing.T, path string) *Key {
	t.Helper()
	key, err := ParseKey(read(t, path), nil)
	require.NoError(t, err)
	return key
}

func trust(t *testing.T, lines string) *Trusted {
	t.Helper()
	trusted, err := ParseTrusted([]byte(lines))
	require.NoError(t, err)
	return trusted
}

// What is signed here ssh-keygen verifies, and the other way around, for each kind
// of key that it makes.
func TestSSHKeygenAgrees(t *testing.T) {
	need(t, "ssh-keygen")
	for _, args := range [][]string{{"-t", "ed25519"}, {"-t", "rsa", "-b", "2048"}, {"-t", "ecdsa"}} {
		t.Run(args[1], func(t *testing.T) {
			path := keygen(t, "", args...)
			public := string(read(t, path+".pub"))
			allowed, sigFile := path+".allowed", path+".sig"
			require.NoError(t, os.WriteFile(allowed, []byte(`ann@example.com namespaces="`+Namespace+`" `+public), 0o600))

			sig, err := parse(t, path).Sign(text)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(sigFile, sig, 0o600))
			verify := []string{"-Y", "verify", "-f", allowed, "-I", "ann@example.com", "-n", Namespace, "-s", sigFile}
			out, err := run(t, text, "ssh-keygen", verify...)
			require.NoError(t, err, out)
			require.Contains(t, out, "Good")
			_, err = run(t, append(text, '\n'), "ssh-keygen", verify...)
			require.Error(t, err)

			file := filepath.Join(filepath.Dir(path), "text")
			require.NoError(t, os.WriteFile(file, text, 0o600))
			out, err = run(t, nil, "ssh-keygen", "-Y", "sign", "-q", "-f", path, "-n", Namespace, file)
			require.NoError(t, err, out)
			theirs := read(t, file+".sig")
			for _, trusted := range []*Trusted{trust(t, public), trust(t, string(read(t, allowed)))} {
				who, err := Verify(text, theirs, trusted)
				require.NoError(t, err)
				require.Equal(t, Signer{SSH, parse(t, path).String(), "ann@example.com", true, true}, who)
			}
			out, err = run(t, nil, "ssh-keygen", "-lf", path)
			require.NoError(t, err, out)
			require.Contains(t, out, strings.Fields(parse(t, path).String())[1])

			out, err = run(t, text, "ssh-keygen", "-Y", "sign", "-f", path, "-n", "git")
			require.NoError(t, err, out)
			_, git, _ := strings.Cut(out, armorBegin)
			_, err = Verify(text, []byte(armorBegin+git), nil)
			require.ErrorIs(t, err, ErrInvalid, "one for git is none for a report")
		})
	}
}

func noteKeys(t *testing.T) (*Key, string) {
	t.Helper()
	private, public, err := note.GenerateKey(rand.Reader, "example.com/ann")
	require.NoError(t, err)
	key, err := ParseKey([]byte(private+"\n"), nil)
	require.NoError(t, err)
	return key, public
}

// signed is a signature of each kind, and the line that trusts its key.
func signed(t *testing.T) map[string][2]string {
	t.Helper()
	need(t, "ssh-keygen")
	all := make(map[string][2]string)
	key, public := noteKeys(t)
	sig, err := key.Sign(text)
	require.NoError(t, err)
	all[key.Kind()] = [2]string{string(sig), public}
	path := keygen(t, "", "-t", "ed25519")
	sig, err = parse(t, path).Sign(text)
	require.NoError(t, err)
	all[parse(t, path).Kind()] = [2]string{string(sig), string(read(t, path+".pub"))}
	require.Len(t, all, 2)
	return all
}

func TestVerify(t *testing.T) {
	stranger := keygen(t, "", "-t", "ed25519") + ".pub"
	for kind, s := range signed(t) {
		sig, trusted := []byte(s[0]), trust(t, s[1])
		who, err := Verify(text, sig, trusted)
		require.NoError(t, err, kind)
		require.True(t, who.Checked && who.Trusted, kind)
		require.NotEmpty(t, who.Name)

		unknown, err := Verify(text, sig, nil)
		require.NoError(t, err, kind)
		require.Equal(t, Signer{Kind: kind, Key: who.Key, Checked: kind == SSH}, unknown)

		_, err = Verify(text, sig, trust(t, string(read(t, stranger))))
		require.ErrorIs(t, err, ErrStranger, kind)
		_, err = Verify(append(text, ' '), sig, trusted)
		require.ErrorIs(t, err, ErrInvalid, kind)
	}
}

// Each byte of a signature counts, also those that base64 leaves open.
func TestEachByteCounts(t *testing.T) {
	for kind, s := range signed(t) {
		sig, trusted := []byte(s[0]), trust(t, s[1])
		for i := range sig {
			for _, by := range []byte{1, 0x20, 0x80} {
				changed := bytes.Clone(sig)
				changed[i] ^= by
				_, err := Verify(text, changed, trusted)
				require.Error(t, err, "%s: byte %d", kind, i)
			}
		}
		for _, other := range []string{s[0] + "\n", "\n" + s[0], strings.Replace(s[0], "\n", "\r\n", -1), s[0][:len(s[0])-1], "", s[0] + s[0]} {
			_, err := Verify(text, []byte(other), trusted)
			require.Error(t, err, kind)
		}
	}
	_, err := Verify(text, bytes.Repeat([]byte{'x'}, Most+1), nil)
	require.ErrorIs(t, err, ErrForm)
}

// The last bits of base64 that stand for no byte must be zero.
func TestPlain(t *testing.T) {
	require.Equal(t, "AA==", plain("AB=="))
	require.Empty(t, plain("!"))
}

func TestParseKey(t *testing.T) {
	path := keygen(t, "open sesame", "-t", "ed25519")
	missing := (*ssh.PassphraseMissingError)(nil)
	_, err := ParseKey(read(t, path), nil)
	require.ErrorAs(t, err, &missing)
	key, err := ParseKey(read(t, path), func() ([]byte, error) { return []byte("open sesame"), nil })
	require.NoError(t, err)
	_, err = key.Sign(text)
	require.NoError(t, err)
	_, err = ParseKey(read(t, path), func() ([]byte, error) { return []byte("wrong"), nil })
	require.Error(t, err)
	asked := errors.New("nobody is there")
	_, err = ParseKey(read(t, path), func() ([]byte, error) { return nil, asked })
	require.ErrorIs(t, err, asked)
	_, err = ParseKey(read(t, path+".pub"), nil)
	require.ErrorIs(t, err, ErrPublic)
	for _, file := range []string{"", "text", "PRIVATE+KEY+x"} {
		_, err = ParseKey([]byte(file), nil)
		require.Error(t, err, file)
	}
}

func TestParseTrusted(t *testing.T) {
	public := strings.TrimSpace(string(read(t, keygen(t, "", "-t", "ed25519")+".pub")))
	bare := strings.Join(strings.Fields(public)[:2], " ")
	_, verifier := noteKeys(t)
	for lines, want := range map[string]int{
		public: 1, bare: 1, verifier: 1, "# all\n\n" + public + "\n" + verifier + "\r\n": 2,
		"ann@example.com " + bare: 1, "ann@example.com,bob@* " + bare: 1,
		`ann@example.com namespaces="file,` + Namespace + `" ` + bare: 1,
		`ann@example.com namespaces="*" ` + bare + "\n" + public:      2,
	} {
		trusted := trust(t, lines)
		require.Len(t, append(make([]struct{}, len(trusted.ssh)), make([]struct{}, len(trusted.note))...), want, lines)
	}
	for lines, why := range map[string]string{
		"": "no public key in it", "# nothing\n": "no public key in it", "hello world": "line 1",
		public + "\nssh-ed25519 AAAA":                     "line 2",
		`ann@example.com cert-authority ` + bare:          "cert-authority is not understood",
		`ann@example.com valid-before="20200101" ` + bare: "valid-before is not understood",
		`ann@example.com namespaces="git" ` + bare:        "no public key in it",
		verifier[:len(verifier)-3] + "xyz":                "line 1",
	} {
		_, err := ParseTrusted([]byte(lines))
		require.ErrorContains(t, err, why, lines)
	}
}

// RSA with SHA-1 is not taken, whoever signs like that.
func TestNoSHA1(t *testing.T) {
	key := parse(t, keygen(t, "", "-t", "rsa", "-b", "2048"))
	b := newBlob(key.ssh.PublicKey())
	m, err := b.message(text)
	require.NoError(t, err)
	old, err := key.ssh.Sign(rand.Reader, m) // ssh-rsa
	require.NoError(t, err)
	require.Equal(t, ssh.KeyAlgoRSA, old.Format)
	b.Signature = string(ssh.Marshal(*old))
	_, err = Verify(text, armor(ssh.Marshal(b)), nil)
	require.ErrorIs(t, err, ErrForm)
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte(armorBegin + base64.StdEncoding.EncodeToString([]byte(preamble+"\x00\x00\x00\x01")) + "\n" + armorEnd))
	f.Add([]byte("golang-wsl-bench\nsha256 00\n\n— a AAAA\n"))
	f.Fuzz(func(t *testing.T, sig []byte) {
		if who, err := Verify(text, sig, nil); err == nil {
			require.False(t, who.Trusted)
		}
	})
}
