package doctor

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHide(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example,direct":                             "https://a.example,direct",
		"https://me:hunter2@a.example|https://token@b.example": "https://***@a.example|https://***@b.example",
		"https://me:hunter2/x@a.example":                       "https://***@a.example",
		"http://me:hunter2#x@y@a.example:3128":                 "http://***@a.example:3128",
	} {
		require.Equal(t, want, hide(in))
	}
}

func TestWords(t *testing.T) {
	require.Equal(t, []string{"-a", "-ldflags=-s -w", "-tags=x y", "-b", "-c"}, words(` -a '-ldflags=-s -w'	"-tags=x y" -b	-c `))
	require.Empty(t, words(" "))
}

func TestFlagMeaning(t *testing.T) {
	for flag, want := range map[string]bool{
		"-mod=vendor": true, "--mod=vendor": true, "-mod=readonly": false, "-mod=mod": false, "-modcacherw": false, "-C=/x": true,
		"-n": true, "-n=false": false, "-insecure": true, "-modfile=x.mod": true, "-buildvcs=false": false, "-trimpath": false,
	} {
		require.Equal(t, want, flagMeaning(flag) != "", flag)
	}
}

func TestCovered(t *testing.T) {
	for _, test := range []struct {
		patterns, glob string
		want           bool
	}{
		{"corp.example", "corp.example/x", true},
		{"corp.example/x", "corp.example", false},
		{"*.corp.example", "*.corp.example", true},
		{"*.example", "*.corp.example", true},
		{"git.corp.example", "*.corp.example", false},
		{"github.com/me", "github.com/me/[ab]", true}, // which is not looked at
	} {
		require.Equal(t, test.want, covered(test.patterns, test.glob), "%+v", test)
	}
}

func TestOff(t *testing.T) {
	require.Equal(t, "right", off(-2*time.Second))
	require.Equal(t, "3m0s ahead", off(3*time.Minute))
	require.Equal(t, "3m0s behind", off(-3*time.Minute))
}
