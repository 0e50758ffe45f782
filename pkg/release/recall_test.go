package release

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A sum that is not in any list known here can only be recalled from the disk.
func TestRecallAsksNobody(t *testing.T) {
	o := newOfficialTest(t)
	chooser := func() *Chooser { return &Chooser{Sources: []Source{o.start(), &Proxy{Known: loadKnown(t)}}} }
	known, unheard := version(t, "1.22.5"), version(t, "1.99.1")

	archives := chooser().Recall(known, amd64)
	require.Len(t, archives, 2)
	sum, _ := loadKnown(t).Sum(known, amd64)
	require.Equal(t, sum, archives[0].SHA256)
	require.Equal(t, "go1.22.5.linux-amd64.tar.gz", archives[0].Name)
	require.Empty(t, archives[0].URLs)
	require.Equal(t, "v0.0.1-go1.22.5.linux-amd64.zip", archives[1].Name)
	require.Empty(t, archives[1].SHA256)

	archives = chooser().Recall(unheard, amd64)
	require.Len(t, archives, 1, "only the checksum database may know it")
	require.Equal(t, Zip, archives[0].Format)
	require.Empty(t, o.requests())

	require.Equal(t, cut, o.list())
	o.requests()
	o.Time = o.Add(1000 * time.Hour)
	require.Equal(t, sum, chooser().Recall(known, amd64)[0].SHA256, "an old list will do")
	require.Empty(t, o.requests())
}

func TestDoubtedListIsAskedForAgain(t *testing.T) {
	o := newOfficialTest(t)
	require.Equal(t, cut, o.list())
	require.Equal(t, cut, o.list())
	require.Len(t, o.requests(), 1)
	(&Chooser{Sources: []Source{o.start()}}).Doubt(amd64)
	require.Equal(t, cut, o.list())
	require.Len(t, o.requests(), 1)
	o.set("/dl/", "=503")
	(&Chooser{Sources: []Source{o.start()}}).Doubt(amd64)
	require.Equal(t, cut, o.list(), "it stays, for want of a better one")
}
