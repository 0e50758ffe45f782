package gc

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// A workload is one kind of garbage. How much it allocates in a second is fixed, so
// that two machines have the same to collect.
type workload struct {
	name, about string
	rate        int // bytes a second that all workers together allocate, about
	// make returns the state of one of so many workers. What it returns allocates
	// about so many bytes and says how many that were; sum depends on all of them.
	make func(seed uint64, workers int) (step func(bytes int) (allocated int), sum func() uint64)
}

func workloads() []workload {
	return []workload{
		{"small", "trees of nodes of 32 bytes, 8 MiB of them alive", 128 << 20, smallObjects},
		{"large", "buffers of 1 to 8 MiB, 64 MiB of them alive", 512 << 20, largeBuffers},
		{"maps", "a map of 200,000 entries that grows and whose entries are replaced", 64 << 20, longLivedMap},
	}
}

// A node is what small programs are made of: 32 bytes, two of four words pointers.
type node struct {
	left, right *node
	key, value  uint64
}

const (
	treeDepth = 9 // 1023 nodes
	treeBytes = (1<<(treeDepth+1) - 1) * 32
)

func tree(depth int, key uint64) *node {
	n := &node{key: key, value: key * 0x9e3779b97f4a7c15}
	if depth > 0 {
		n.left, n.right = tree(depth-1, 2*key), tree(depth-1, 2*key+1)
	}
	return n
}

func (n *node) sum() uint64 {
	if n == nil {
		return 0
	}
	return n.value + 3*n.left.sum() + 5*n.right.sum()
}

// smallObjects replaces a random tree of some with a new one.
func smallObjects(seed uint64, workers int) (func(int) int, func() uint64) {
	random, total := rand.New(rand.NewPCG(seed, 1)), uint64(0)
	forest := make([]*node, max(8<<20/treeBytes/workers, 1))
	step := func(bytes int) (done int) {
		for ; done < bytes; done += treeBytes {
			i := random.IntN(len(forest))
			total += forest[i].sum()
			forest[i] = tree(treeDepth, random.Uint64())
		}
		return done
	}
	return step, func() uint64 { return total }
}

// largeBuffers replaces the oldest buffer of some and writes to each page of the new
// one.
func largeBuffers(seed uint64, workers int) (func(int) int, func() uint64) {
	random, total := rand.New(rand.NewPCG(seed, 2)), uint64(0)
	buffers, next := make([][]byte, max(14/workers, 1)), 0 // of 4.5 MiB each
	step := func(bytes int) (done int) {
		for done < bytes {
			b := make([]byte, random.IntN(7<<20)+1<<20)
			for i := 0; i < len(b); i += 4 << 10 {
				b[i] = byte(i >> 12)
			}
			if old := buffers[next]; old != nil {
				total += uint64(old[len(old)/2]) + uint64(len(old))
			}
			buffers[next], next = b, (next+1)%len(buffers)
			done += len(b)
		}
		return done
	}
	return step, func() uint64 { return total }
}

// longLivedMap grows a map to a number of entries, then replaces random ones.
func longLivedMap(seed uint64, workers int) (func(int) int, func() uint64) {
	random, total := rand.New(rand.NewPCG(seed, 3)), uint64(0)
	entries := uint64(200_000 / workers)
	m := make(map[uint64][]uint64)
	step := func(bytes int) (done int) {
		for done < bytes {
			key := random.Uint64N(entries)
			if old := m[key]; old != nil {
				total += old[0]
			}
			value := make([]uint64, 4+random.IntN(24))
			value[0] = key + uint64(len(value))
			m[key] = value
			done += 8 * len(value)
		}
		return done
	}
	return step, func() uint64 { return total }
}

// turn is how often a worker wakes up.
const turn = 5 * time.Millisecond

// A crew is a workload at work.
type crew struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
	sums   []uint64
}

func (w workload) start(ctx context.Context, workers int) *crew {
	ctx, cancel := context.WithCancel(ctx)
	c := &crew{cancel: cancel, sums: make([]uint64, workers)}
	for i := range workers {
		step, sum := w.make(uint64(i)+1, workers)
		c.wg.Go(func() {
			paced(ctx, w.rate/workers, step)
			c.sums[i] = sum()
		})
	}
	return c
}

// stop ends the workers and adds up what they have.
func (c *crew) stop() (sum uint64) {
	c.cancel()
	c.wg.Wait()
	for _, s := range c.sums {
		sum += s
	}
	return sum
}

// paced has step allocate so many bytes a second. Who is late catches up, but not on
// more than a tenth of a second: then the machine is too slow for the rate.
func paced(ctx context.Context, rate int, step func(int) int) {
	ticker := time.NewTicker(turn)
	defer ticker.Stop()
	begin, done := time.Now(), 0
	for {
		due := int(time.Since(begin).Seconds() * float64(rate))
		if late := due - done - rate/10; late > 0 {
			done += late
		}
		for done < due && ctx.Err() == nil {
			done += step(min(due-done, rate/200+1))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
