package snapshot

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// macForms are the ways to write the address of a network card without colons, and as
// the second half of an IPv6 address that is made of it (RFC 4291, appendix A).
func macForms(mac string) []string {
	b, err := hex.DecodeString(strings.NewReplacer(":", "", "-", "", ".", "").Replace(mac))
	if err != nil || len(b) != 6 || slices.Max(b) == 0 || slices.Min(b) == 0xff {
		return nil
	}
	bare := hex.EncodeToString(b)
	half := []byte{b[0] ^ 2, b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5]}
	var words []string
	for i := 0; i < len(half); i += 2 {
		words = append(words, fmt.Sprintf("%x", int(half[i])<<8|int(half[i+1])))
	}
	return []string{
		mac, strings.ReplaceAll(mac, ":", "-"), bare,
		bare[:4] + "." + bare[4:8] + "." + bare[8:], strings.Join(words, ":"),
	}
}

var (
	macLike = regexp.MustCompile(`(?i)[0-9a-f]{2}(?:(?::[0-9a-f]{2})+|(?:-[0-9a-f]{2})+)`)
	noCard  = regexp.MustCompile(`(?i)^(00|ff)([:-](00|ff)){5}$`)
)

// anyMAC takes out six bytes in hexadecimal, whether they are known or not. Longer rows
// of them, such as fingerprints, and those that are no card's stay.
func anyMAC(text string) string {
	var b strings.Builder
	end := 0
	for _, at := range macLike.FindAllStringIndex(text, -1) {
		found := text[at[0]:at[1]]
		if len(found) != 17 || noCard.MatchString(found) || partOfWord(text, at[0]-1) || partOfWord(text, at[1]) {
			continue
		}
		b.WriteString(text[end:at[0]])
		b.WriteString("[mac]")
		end = at[1]
	}
	return b.String() + text[end:]
}

func partOfWord(text string, i int) bool {
	return i >= 0 && i < len(text) && isWord(rune(text[i]))
}
