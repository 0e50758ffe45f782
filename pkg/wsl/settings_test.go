package wsl

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestParseSettings(t *testing.T) {
	settings := ParseSettings("\ufeff[wsl2]\r\nmemory=8GB # half\r\n; no\r\n[Experimental]\nautoMemoryReclaim = \"gradual\"\n[wsl2]\nMemory=4GB\nno line\n")
	memory, ok := settings.Get("wsl2.memory")
	require.True(t, ok)
	require.Equal(t, Setting{"wsl2", "Memory", "4GB", 7}, memory)
	reclaim, _ := settings.Get("experimental.automemoryreclaim")
	require.Equal(t, "gradual", reclaim.Value)
	_, ok = settings.Get("wsl2.swap")
	require.False(t, ok)
}

func FuzzParseSettings(f *testing.F) {
	f.Add("[boot]\r\nsystemd = true # really\n;x\n[automount]\noptions=\"metadata\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range ParseSettings(text) {
			require.Equal(t, strings.TrimSpace(s.Key), s.Key)
			require.LessOrEqual(t, s.Line, strings.Count(text, "\n")+1)
		}
	})
}

func FuzzDecode(f *testing.F) {
	var wide []byte
	for _, unit := range utf16.Encode([]rune("WSL 版本: 3.0.2.0\r\n")) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	require.Equal(f, "WSL 版本: 3.0.2.0\n", Decode(wide))
	f.Add(wide)
	f.Add(append(wide, "x y 1\n"...))
	f.Fuzz(func(t *testing.T, data []byte) {
		text := Decode(data)
		require.True(t, utf8.ValidString(text))
		require.NotContains(t, text, "\x00")
	})
}
