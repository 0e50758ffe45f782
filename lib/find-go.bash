# shellcheck shell=bash
# Finds a Go on this machine that can build the helper. lib/build.bash sources it.

# Since 1.21 the go command brings in the version that a go.mod asks for.
golang_wsl_oldest_minor=21

# golang_wsl_find_go sets golang_wsl_go to the best Go of this machine: the
# first that go.mod is content with, else the first that can bring that in.
golang_wsl_find_go() {
  local go minor need best=''
  need=$(sed -n 's/^go 1\.\([0-9]*\).*/\1/p' "$golang_wsl_plugin/go.mod")
  while IFS= read -r go; do
    minor=$(golang_wsl_go_minor "$go")
    if [[ ! $minor ]]; then continue; fi
    if [[ $minor -ge ${need:-0} ]]; then
      best=$go
      break
    fi
    if [[ ! $best && $minor -ge $golang_wsl_oldest_minor ]]; then best=$go; fi
  done < <(golang_wsl_list_go)
  golang_wsl_go=$best
  [[ $best ]]
}

# golang_wsl_list_go prints each `go` worth a try: on PATH, in the usual places,
# among the versions that this plugin has installed.
golang_wsl_list_go() {
  local dir path=${PATH:-}: name=${golang_wsl_plugin##*/} go
  while [[ $path ]]; do
    dir=${path%%:*}
    path=${path#*:}
    if [[ $dir == /* ]]; then golang_wsl_real_go "$dir/go"; fi
  done
  for go in /usr/local/go/bin/go /usr/lib/go/bin/go /usr/lib/go-*/bin/go "$golang_wsl_home"/sdk/go*/bin/go \
    "$golang_wsl_plugin"/../../installs/"$name"/*/go/bin/go \
    "${ASDF_DATA_DIR:-$golang_wsl_home/.asdf}/installs/$name"/*/go/bin/go; do
    golang_wsl_real_go "$go"
  done
}

# golang_wsl_real_go prints the path of a go command, but not of a version
# manager's shim: that would ask this very plugin, and so on without end.
golang_wsl_real_go() { # path
  local target=$1 next hops=0
  [[ -f $1 && -x $1 ]] || return 0
  while [[ -L $target && $hops -lt 20 ]]; do
    next=$(readlink "$target")
    case $next in
      /*) target=$next ;;
      *) target=${target%/*}/$next ;;
    esac
    hops=$((hops + 1))
  done
  case /${target##*/} in
    /mise* | /asdf* | /rtx* | /golang-wsl*) return 0 ;;
  esac
  case $1 in
    */shims/*) return 0 ;;
  esac
  if LC_ALL=C head -c 2 "$1" | grep -q '^#!' && grep -qE 'asdf|mise|goenv' "$1"; then return 0; fi
  printf '%s\n' "$1"
}

# golang_wsl_go_minor prints 26 for a Go 1.26.8, nothing for what is no Go.
golang_wsl_go_minor() { # path
  local golang_wsl_go=$1
  golang_wsl_with_go '' env GOVERSION </dev/null 2>/dev/null |
    sed -n 's/.*go1\.\([0-9][0-9]*\).*/\1/p' | head -n 1
}
