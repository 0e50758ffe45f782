package bench

// ThisKernel is the Kernel that this program runs on.
func ThisKernel() Kernel { return thisKernel{} }

// Keys are what decides whether runs can be compared, as [Watch.Once] puts it into
// each of them.
func (w *Watch) Keys() []Key { return append(w.machine().env(), w.Env...) }

// MaxClockRate is by how many parts in a million clocks may differ and be compared
// all the same. Clocks of WSL2 were 70,000 wrong (microsoft/WSL#11790).
const MaxClockRate = maxRate
