package page

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func render(t testing.TB, d Data) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Write(&out, d))
	return out.String()
}

func TestTry(t *testing.T) {
	require.NoError(t, os.WriteFile("/tmp/pg/compared.html", []byte(render(t, comparedData(t))), 0o644))
	require.NoError(t, os.WriteFile("/tmp/pg/sampled.html", []byte(render(t, Data{Set: sampledSet(10, 5000, "")})), 0o644))
}
