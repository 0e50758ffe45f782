# shellcheck shell=bash
# Finds the Go helper that does all the work, and hands over to it. Every door
# sources this file. When a helper is cached no process is started: asdf runs
# some doors at every command, and on WSL1 a process is slow to start.
#
# Bash 3.2 must do (no associative arrays, no mapfile), and busybox for tools.

# golang_wsl_plugin is the absolute path of the plugin's directory, by the name
# under which it was called: a plugin that is a symbolic link (as mise makes
# them) has the name of the link.
golang_wsl_resolve_plugin() {
  local rest=$1 part path=
  case $rest in
    /*) ;;
    *) rest=$PWD/$rest ;;
  esac
  while [[ $rest ]]; do
    part=${rest%%/*}
    case $part in
      '' | .) ;;
      ..) path=${path%/*} ;;
      *) path=$path/$part ;;
    esac
    case $rest in
      */*) rest=${rest#*/} ;;
      *) rest= ;;
    esac
  done
  golang_wsl_plugin=${path%/lib/helper.bash}
}

# golang_wsl_resolve_cache names the directories that hold built helpers.
#
#   helper/golang-wsl-KEY-ARCH        a helper, named by the sources it is from
#   helper/golang-wsl-shim-KEY-ARCH   the shim that belongs to it
#   helper/golang-wsl-bench-KEY-ARCH  what measures, once somebody has asked for it
#   helper/plugins/PATH/OF/PLUGIN/.key   the key of that plugin's sources
#
# A stamp lies below its plugin's own path, so that no two plugins share one
# and no process is needed to make a name out of a path.
golang_wsl_resolve_cache() {
  golang_wsl_home=${HOME:-}
  # With HOME unset bash takes the home directory from the user database.
  if [[ ! $golang_wsl_home ]]; then golang_wsl_home=~; fi
  golang_wsl_cache=${GOLANG_WSL_CACHE_DIR:-${XDG_CACHE_HOME:-$golang_wsl_home/.cache}/golang-wsl}
  golang_wsl_cache=${golang_wsl_cache%/}/helper
  golang_wsl_stamp=$golang_wsl_cache/plugins$golang_wsl_plugin/.key
}

# golang_wsl_name sets golang_wsl_helper, golang_wsl_shim and golang_wsl_bench to
# where those of this key are. HOSTTYPE is bash's own word for the machine: a home
# directory may be shared.
golang_wsl_name() {
  golang_wsl_helper=$golang_wsl_cache/golang-wsl-$1-$HOSTTYPE
  golang_wsl_shim=$golang_wsl_cache/golang-wsl-shim-$1-$HOSTTYPE
  golang_wsl_bench=$golang_wsl_cache/golang-wsl-bench-$1-$HOSTTYPE
}

# golang_wsl_built reports whether what is wanted is there: the helper with its
# shim or, for lib/bench.bash, golang-wsl-bench.
golang_wsl_built() {
  if [[ ${golang_wsl_want_bench:-} ]]; then
    [[ -x $golang_wsl_bench && -s $golang_wsl_bench ]]
    return
  fi
  [[ -x $golang_wsl_helper && -s $golang_wsl_helper && -x $golang_wsl_shim && -s $golang_wsl_shim ]]
}

# golang_wsl_unchanged reports whether nothing that the helper is built from is
# newer than the stamp. A directory is newer when a file in it came or went.
golang_wsl_unchanged() {
  local file root=$golang_wsl_plugin
  for file in "$root"/go.mod "$root"/go.sum "$root"/lib/build.bash \
    "$root"/cmd/golang-wsl "$root"/cmd/golang-wsl/* "$root"/cmd/golang-wsl/*/* \
    "$root"/cmd/golang-wsl-shim "$root"/cmd/golang-wsl-shim/* \
    "$root"/cmd/golang-wsl-bench "$root"/cmd/golang-wsl-bench/* \
    "$root"/pkg "$root"/pkg/* "$root"/pkg/*/* "$root"/pkg/*/*/* "$root"/pkg/*/*/*/*; do
    case $file in
      */testdata/* | *_test.go) continue ;;
    esac
    if [[ $file -nt $golang_wsl_stamp ]]; then return 1; fi
  done
}

# golang_wsl_find sets golang_wsl_helper to a helper that can be used at once,
# or fails.
golang_wsl_find() {
  local key
  if [[ ${GOLANG_WSL_HELPER:-} ]]; then
    golang_wsl_helper=$GOLANG_WSL_HELPER
    if [[ -f $golang_wsl_helper && -x $golang_wsl_helper ]]; then return 0; fi
    golang_wsl_die "GOLANG_WSL_HELPER names $golang_wsl_helper, which is no executable file" \
      'unset GOLANG_WSL_HELPER, and the plugin finds or builds its own helper'
  fi
  [[ -r $golang_wsl_stamp ]] || return 1
  { read -r key <"$golang_wsl_stamp"; } 2>/dev/null || return 1
  golang_wsl_name "$key"
  [[ $key ]] && golang_wsl_built && golang_wsl_unchanged
}

# golang_wsl_ready sets golang_wsl_helper, and builds it where it must.
golang_wsl_ready() {
  if golang_wsl_find; then return; fi
  # shellcheck source=build.bash
  . "$golang_wsl_plugin/lib/build.bash"
  golang_wsl_build_once
}

# golang_wsl_run becomes the helper. It does not return.
golang_wsl_run() {
  golang_wsl_ready || exit 1
  GOLANG_WSL_PLUGIN_DIR=$golang_wsl_plugin exec "$golang_wsl_helper" "$@"
}

golang_wsl_die() { # message [hint]
  printf 'golang-wsl: error: %s\n' "$1" >&2
  if [[ ${2:-} ]]; then printf 'golang-wsl: hint: %s\n' "$2" >&2; fi
  exit 1
}

golang_wsl_resolve_plugin "${BASH_SOURCE[0]}"
golang_wsl_resolve_cache
