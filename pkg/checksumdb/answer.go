package checksumdb

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// An answer is what a database sends for a lookup: a record, its position in the log,
// and the signed head of a tree.
type answer struct {
	id   int64
	tree tlog.Tree
}

var (
	// errForm is for text that is no answer; errSignature for an answer that the key did not sign.
	errForm      = errors.New("malformed")
	errSignature = errors.New("tree head is not signed with the key of the database")
)

// checkAnswer tests the answer to the request for path as far as it can be tested
// alone. The error is errForm or errSignature, with more words.
func checkAnswer(path string, data []byte, verifiers note.Verifiers) error {
	if isLookup(path) {
		_, err := parseAnswer(data, verifiers)
		return err
	}
	tile, err := tlog.ParseTilePath(strings.TrimPrefix(path, "/"))
	if err != nil {
		return fmt.Errorf("%w: %w", errForm, err)
	}
	if want := tile.W * tlog.HashSize; len(data) != want {
		return fmt.Errorf("%w: %d bytes instead of a tile of %d%s", errForm, len(data), want, isHTML(data))
	}
	return nil
}

func isLookup(path string) bool { return strings.HasPrefix(path, "/lookup/") }

// parseAnswer reads the answer to a lookup and checks the signature of its head.
func parseAnswer(data []byte, verifiers note.Verifiers) (answer, error) {
	id, _, head, err := tlog.ParseRecord(data)
	if err != nil || id < 0 {
		return answer{}, fmt.Errorf("%w: not a record, or cut off%s", errForm, isHTML(data))
	}
	tree, err := parseHead(head, verifiers)
	return answer{id, tree}, err
}

// parseHead reads a tree head and checks its signature.
func parseHead(head []byte, verifiers note.Verifiers) (tlog.Tree, error) {
	n, err := note.Open(head, verifiers)
	if errors.As(err, new(*note.UnverifiedNoteError)) || errors.As(err, new(*note.InvalidSignatureError)) {
		return tlog.Tree{}, fmt.Errorf("%w: %w", errSignature, err)
	} else if err != nil {
		return tlog.Tree{}, fmt.Errorf("%w: the signed tree head is no note, or cut off%s", errForm, isHTML(head))
	}
	tree, err := tlog.ParseTree([]byte(n.Text))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("%w: the signed note is no tree head", errForm)
	}
	return tree, nil
}

// CheckHead tests what the database sends for "latest": it must be a tree head that
// the database has signed. That proves who answers, and nothing of any module.
func (s Setting) CheckHead(data []byte) error {
	verifier, err := note.NewVerifier(s.Key)
	if err != nil {
		return err
	}
	_, err = parseHead(data, note.VerifierList(verifier))
	return err
}

// isHTML says so: login pages of hotels and companies come with status 200.
func isHTML(data []byte) string {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return " (an HTML page?)"
	}
	return ""
}

// findH1 returns the one h1 hash in the lines that a client took from a proven record.
// No line means that the record, though it is in the log, is about something else.
func findH1(lines []string) (string, error) {
	var h1 string
	for _, line := range lines {
		f := strings.Fields(line)
		if len(f) != 3 || !strings.HasPrefix(f[2], "h1:") {
			continue
		}
		if h1 != "" && h1 != f[2] {
			return "", errors.New("it has two hashes for one module version")
		}
		h1 = f[2]
	}
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(h1, "h1:"))
	if h1 == "" {
		return "", errors.New("it is not about this module version")
	} else if err != nil || len(sum) != tlog.HashSize {
		return "", fmt.Errorf("malformed hash %q", h1)
	}
	return h1, nil
}
