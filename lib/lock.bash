# shellcheck shell=bash
# The lock that lets one build run at a time. lib/build.bash sources it.
#
# flock(1) is not everywhere. A symbolic link is made together with its content,
# in one step, so that nobody ever sees a lock without its owner.

# golang_wsl_identity prints a word for a process that no other one ever has:
# its number, when it started, and in which boot.
golang_wsl_identity() { # pid
  local boot='' stat='' fields
  { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null
  # shellcheck disable=SC2206 # the numbers after the name, which may hold spaces
  fields=(${stat##*) })
  printf '%s.%s.%s\n' "$1" "${fields[19]:-}" "$boot"
}

golang_wsl_alive() { # identity
  local pid=${1%%.*}
  [[ $1 == "$(golang_wsl_identity "$pid")" ]] && kill -0 "$pid" 2>/dev/null
}

golang_wsl_lock() {
  local lock=$golang_wsl_cache/lock me owner waited_for='' failed='' lost=0
  me=$(golang_wsl_identity $$)
  until ln -s "$me" "$lock" 2>/dev/null; do
    if ! owner=$(readlink "$lock" 2>/dev/null); then
      # It went away in between, unless links cannot be made here at all.
      lost=$((lost + 1))
      [[ $lost -lt 100 ]] || golang_wsl_die "cannot make the lock $lock" "remove it, if no build runs"
      continue
    fi
    if ! golang_wsl_alive "$owner"; then
      golang_wsl_break_lock "$lock" "$owner" "$me"
      continue
    fi
    [[ $waited_for ]] || golang_wsl_say "waiting for the build by process ${owner%%.*} ..."
    [[ $waited_for == *" $owner "* ]] || waited_for="$waited_for $owner "
    sleep 0.2 2>/dev/null || sleep 1
  done
  golang_wsl_locked=1
  { read -r failed <"$golang_wsl_failed"; } 2>/dev/null
  if [[ $failed && $waited_for == *" $failed "* ]]; then
    golang_wsl_die "the build by process ${failed%%.*} has failed, and its own output says why"
  fi
}

# golang_wsl_break_lock removes the lock of a process that is gone. Only one
# door at a time may do so, and it looks again: what the others saw may have been
# replaced by the lock of a living one.
golang_wsl_break_lock() { # lock owner me
  local breaker
  if ln -s "$3" "$1.break" 2>/dev/null; then
    [[ $(readlink "$1" 2>/dev/null) != "$2" ]] || rm -f "$1"
    rm -f "$1.break"
  elif breaker=$(readlink "$1.break" 2>/dev/null) && ! golang_wsl_alive "$breaker"; then
    rm -f "$1.break"
  fi
}
