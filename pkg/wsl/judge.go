package wsl

import "slices"

// judge weighs the clues. It marks those that decide, and where none do, the
// report says [Native] and no more.
func judge(f *files, clues []clue) *Report {
	r := &Report{Kind: Native, Evidence: []Evidence{}, Missing: []string{}}
	winner, witness := strongest(f, clues)
	if winner == nil {
		return r
	}
	r.Kind, r.Step, r.Confidence = winner.kind, winner.step, Likely
	r.Because, winner.Decided = winner.String(), true
	if witness != nil {
		r.Because, witness.Decided = r.Because+"; "+witness.String(), true
	}
	third := slices.ContainsFunc(clues, func(c clue) bool {
		return !c.Decided && c.weight != notes && c.speaksFor(winner.kind)
	})
	if winner.step <= 4 || third {
		r.Confidence = Certain
	}
	return r
}

// strongest is the clue that gives the kind, or nil, and the second witness if it
// needs one. A drive of Windows is witness enough, but that the Windows Subsystem
// for Android may see one too.
func strongest(f *files, clues []clue) (winner, witness *clue) {
	if i := slices.IndexFunc(clues, func(c clue) bool { return c.weight == decides }); i >= 0 {
		return &clues[i], nil
	}
	for i := range clues {
		if clues[i].weight != claims {
			continue
		}
		second := slices.IndexFunc(clues, func(c clue) bool {
			return (c.weight == backs || c.weight == carries) && c.speaksFor(clues[i].kind)
		})
		if second >= 0 {
			return &clues[i], &clues[second]
		}
	}
	if i := slices.IndexFunc(clues, func(c clue) bool { return c.weight == carries }); i >= 0 && !f.isAndroid() {
		return &clues[i], nil
	}
	return nil, nil
}

// speaksFor leaves out what only says WSL: that is for either kind.
func (c clue) speaksFor(k Kind) bool { return c.kind == k || c.kind == "" }

// native says what is known where WSL is not proven. A name and a command line,
// both foreign, leave no doubt; one of them is likely, unless there is a sign of
// WSL too; a name that WSL could have is thin, unless something says what else
// this is.
func (r *Report) native(f *files, clues []clue) {
	host, why := findHost(f)
	r.Step, r.Host = 8, host
	name := slices.IndexFunc(clues, func(c clue) bool { return c.weight == claims })
	sign := slices.IndexFunc(clues, func(c clue) bool { return c.weight > notes })
	foreign := 0
	for _, c := range clues {
		if c.weight == notes {
			foreign++
		}
	}
	switch {
	case name >= 0 && host == "":
		clues[name].Decided = true
		r.Confidence, r.Step, r.Missing = Low, 6, witnesses(clues[name].kind)
		r.Because = clues[name].String() + "; there is no second witness"
		return
	case host != "":
		why.Decided = true
		r.Confidence, r.Because, r.Evidence = Likely, why.String(), append(r.Evidence, why)
	case foreign == 0 || foreign == 1 && sign >= 0:
		r.Confidence, r.Because = Low, "too little was there to tell by"
	case foreign == 1:
		r.Confidence, r.Because = Likely, "the one that was there of the kernel's name and its command line is not WSL's"
	default:
		r.Because = "neither the kernel's name nor its command line is WSL's"
	}
	if foreign == 2 {
		r.Confidence = Certain
	}
	for _, name := range []string{"proc/cmdline", "proc/sys/kernel/osrelease", "proc/self/mountinfo"} {
		if f.read(name) == "" {
			r.Missing = append(r.Missing, "/"+name)
		}
	}
}

// witnesses are what a name of the kind has to be confirmed by.
func witnesses(kind Kind) []string {
	if kind == WSL1 {
		return []string{"a root of type lxfs or wslfs", "a mount of type drvfs", "the command line of WSL1", "binfmt_misc/WSLInterop", "/dev/lxbus"}
	}
	return []string{
		"the command line of WSL2", "a Windows drive by 9p (aname=drvfs) or virtiofs (drvfs…)", "a tmpfs on /mnt/wsl", "a mount on /init",
		"/run/WSL", "binfmt_misc/WSLInterop",
	}
}
