# shellcheck shell=bash
# Builds the helper and its shim, the small program that is called as `go`, or
# golang-wsl-bench: with a Go of this machine, else with one that is fetched for the
# purpose and removed again. lib/helper.bash sources this file when nothing cached
# fits; the names that it uses come from there.
#
# One build runs at a time, and the others wait for its result. Whatever ends a
# build, a signal too, leaves either a whole helper or nothing.

# golang_wsl_choose_programs says what is to be built: the programs, the one of them
# that must run, what a user calls them, and where it is noted that they do not build.
golang_wsl_choose_programs() {
  golang_wsl_programs=(golang-wsl-shim golang-wsl) # the helper comes last: where it is, its shim is
  golang_wsl_main=golang-wsl golang_wsl_product='the helper' golang_wsl_failed=$golang_wsl_cache/failed
  if [[ ${golang_wsl_want_bench:-} ]]; then
    golang_wsl_programs=(golang-wsl-bench)
    golang_wsl_main=golang-wsl-bench golang_wsl_product=golang-wsl-bench golang_wsl_failed=$golang_wsl_cache/failed-bench
  fi
}

# golang_wsl_build_once leaves in golang_wsl_helper or golang_wsl_bench what is wanted.
golang_wsl_build_once() {
  # shellcheck source=lock.bash
  . "$golang_wsl_plugin/lib/lock.bash"
  golang_wsl_work='' golang_wsl_child='' golang_wsl_locked='' golang_wsl_private=''
  [[ ! ${GOLANG_WSL_BUILDING:-} ]] || golang_wsl_die 'the go command that would build the helper calls this plugin'
  [[ $(uname -s) == Linux ]] || golang_wsl_die "golang-wsl runs on Linux, and this is $(uname -s)"
  golang_wsl_choose_programs
  golang_wsl_choose_sum
  trap golang_wsl_clean EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM

  golang_wsl_make_work
  if ! golang_wsl_read_sources; then
    golang_wsl_lock
    # Another door may have built it while this one waited.
    golang_wsl_read_sources || golang_wsl_make
  fi
  golang_wsl_write_stamp
  if [[ $golang_wsl_locked ]]; then golang_wsl_prune; fi
  golang_wsl_clean
}

# golang_wsl_make_work makes the directory for all that is temporary, beside
# the helper, so that a finished helper is moved by one rename.
golang_wsl_make_work() {
  golang_wsl_work=$golang_wsl_cache/work.$(golang_wsl_identity $$)
  if mkdir -p "$golang_wsl_work" 2>/dev/null && : >"$golang_wsl_work/before"; then return; fi
  golang_wsl_die "cannot write to $golang_wsl_cache" \
    'set GOLANG_WSL_CACHE_DIR to a directory that you can write to'
}

golang_wsl_clean() {
  trap - EXIT HUP INT TERM
  if [[ $golang_wsl_child ]]; then
    kill -TERM -- "-$golang_wsl_child" 2>/dev/null
    wait "$golang_wsl_child" 2>/dev/null
  fi
  if [[ $golang_wsl_work ]]; then
    # A child of the child may write a last file into what is being removed.
    rm -rf "$golang_wsl_work" 2>/dev/null || { sleep 1 && rm -rf "$golang_wsl_work"; }
  fi
  if [[ $golang_wsl_locked ]]; then rm -f "$golang_wsl_cache/lock"; fi
  return 0
}

golang_wsl_say() { printf 'golang-wsl: %s\n' "$1" >&2; }

# golang_wsl_fail ends a build that cannot succeed, and tells so to the doors
# that wait for it: they would only fail one after another.
golang_wsl_fail() { # message [hint]
  golang_wsl_identity $$ >"$golang_wsl_failed" 2>/dev/null
  if [[ -s $golang_wsl_work/log ]]; then tail -n 20 "$golang_wsl_work/log" | sed 's/^/    /' >&2; fi
  golang_wsl_die "$@"
}

# golang_wsl_do runs a command in a process group of its own, so that a signal
# to this shell is answered at once and ends the whole group. What it prints
# goes to the log.
golang_wsl_do() {
  local status
  set -m
  "$@" </dev/null >>"$golang_wsl_work/log" 2>&1 &
  golang_wsl_child=$!
  set +m
  wait "$golang_wsl_child"
  status=$?
  golang_wsl_child=''
  return "$status"
}

golang_wsl_choose_sum() {
  if command -v sha256sum >/dev/null 2>&1; then
    golang_wsl_sum=(sha256sum)
  elif command -v shasum >/dev/null 2>&1; then
    golang_wsl_sum=(shasum -a 256)
  elif command -v openssl >/dev/null 2>&1; then
    golang_wsl_sum=(openssl dgst -sha256 -r)
  else
    golang_wsl_die 'no sha256sum, shasum or openssl here' 'install coreutils'
  fi
}

# golang_wsl_key prints 32 hex digits that stand for the sources of the helper.
golang_wsl_key() {
  local sum
  sum=$(
    cd -- "$golang_wsl_plugin" || exit
    find go.mod go.sum lib/build.bash cmd/golang-wsl cmd/golang-wsl-shim cmd/golang-wsl-bench pkg -type f \
      ! -name '*_test.go' ! -name '.*' ! -path '*/testdata/*' \
      -exec "${golang_wsl_sum[@]}" {} + | LC_ALL=C sort | "${golang_wsl_sum[@]}"
  ) || return
  printf '%s\n' "${sum:0:32}"
}

# golang_wsl_read_sources sets golang_wsl_source to the key of the sources, and
# reports whether what is built from them is there.
golang_wsl_read_sources() {
  golang_wsl_source=$(golang_wsl_key)
  [[ $golang_wsl_source ]] || golang_wsl_die "cannot read the sources in $golang_wsl_plugin"
  golang_wsl_name "$golang_wsl_source"
  golang_wsl_built
}

# golang_wsl_write_stamp says what key the sources have. The stamp is as old
# as the moment before they were read: what changed since then is newer than it.
# A cache that cannot be written to is only slower.
golang_wsl_write_stamp() {
  local new=$golang_wsl_work/stamp
  mkdir -p "${golang_wsl_stamp%/*}" 2>/dev/null &&
    printf '%s\n' "$golang_wsl_source" >"$new" &&
    touch -r "$golang_wsl_work/before" "$new" &&
    mv -f "$new" "$golang_wsl_stamp" || return 0
}

golang_wsl_make() {
  local built name tries=0
  golang_wsl_sweep
  mkdir "$golang_wsl_work/tmp" || golang_wsl_fail "cannot write to $golang_wsl_work"
  # shellcheck source=find-go.bash
  . "$golang_wsl_plugin/lib/find-go.bash"
  if golang_wsl_find_go; then
    golang_wsl_say "building $golang_wsl_product (once) with $golang_wsl_go ..."
  else
    # shellcheck source=pinned-go.bash
    . "$golang_wsl_plugin/lib/pinned-go.bash"
    golang_wsl_fetch_go
  fi
  # Sources that change meanwhile are not what the helper's name promises.
  until [[ ${built:-} == "$golang_wsl_source" ]]; do
    [[ $tries -lt 5 ]] || golang_wsl_fail 'the sources change during the build'
    tries=$((tries + 1))
    built=$golang_wsl_source
    golang_wsl_compile
    golang_wsl_read_sources
  done
  golang_wsl_do "$golang_wsl_work/$golang_wsl_main" --help ||
    golang_wsl_fail "$golang_wsl_product was built, and does not run in $golang_wsl_cache" \
      'where that is mounted noexec, set GOLANG_WSL_CACHE_DIR to another directory'
  for name in "${golang_wsl_programs[@]}"; do
    sync "$golang_wsl_work/$name" 2>/dev/null
    mv -f "$golang_wsl_work/$name" "$golang_wsl_cache/$name-$golang_wsl_source-$HOSTTYPE" ||
      golang_wsl_fail "cannot write $golang_wsl_cache/$name-$golang_wsl_source-$HOSTTYPE"
  done
  rm -f "$golang_wsl_failed"
}

# golang_wsl_sweep removes what builds left that were killed.
golang_wsl_sweep() {
  local work
  for work in "$golang_wsl_cache"/work.*; do
    golang_wsl_alive "${work##*/work.}" || rm -rf "$work"
  done
}

# golang_wsl_prune removes what is built from sources that no plugin's stamp
# names any more.
golang_wsl_prune() {
  local bin key
  for bin in "$golang_wsl_cache"/golang-wsl-*; do
    key=${bin##*/golang-wsl-}
    key=${key#shim-}
    key=${key#bench-}
    key=${key%%-*}
    if [[ $key != "$golang_wsl_source" ]] && ! grep -rqF "$key" "$golang_wsl_cache/plugins" 2>/dev/null; then
      rm -f "$bin"
    fi
  done
}

# golang_wsl_compile builds the programs with golang_wsl_go. The proxy that it would
# use is stamped into the helper as the default, so that no address need be written
# here; go.sum proves what the second one gives. A password is not stamped: the
# helper reads the same settings when it runs. Where the sources are is stamped, too:
# a copy of the helper on PATH builds golang-wsl-bench from them.
golang_wsl_compile() {
  local name proxy set_proxy stamped from='' packages=()
  for name in "${golang_wsl_programs[@]}"; do packages+=("./cmd/$name"); done
  case $golang_wsl_plugin in
    *\'*\"* | *\"*\'*) ;; # go's flags have no quotes for both
    *\'*) from="-X \"main.builtFrom=$golang_wsl_plugin\"" ;;
    *) from="-X 'main.builtFrom=$golang_wsl_plugin'" ;;
  esac
  set_proxy=$(golang_wsl_with_go '' env GOPROXY)
  for proxy in "$set_proxy" https://goproxy.cn,direct; do
    : >"$golang_wsl_work/log"
    if golang_wsl_do golang_wsl_with_go "$proxy" list -C "$golang_wsl_plugin" \
      -deps -f '{{with .Error}}{{.}}{{end}}' "${packages[@]}"; then
      stamped=$proxy
      if [[ $proxy == *@* ]]; then stamped=$(GOPROXY='' GOENV=off golang_wsl_with_go '' env GOPROXY); fi
      golang_wsl_do golang_wsl_with_go "$proxy" build -C "$golang_wsl_plugin" \
        -trimpath -buildvcs=false -ldflags "-s -w $from -X main.defaultGOPROXY=$stamped" \
        -o "$golang_wsl_work/" "${packages[@]}" || golang_wsl_fail "$golang_wsl_product does not build"
      return
    fi
    if [[ $set_proxy == off ]]; then break; fi
  done
  golang_wsl_fail "cannot get what $golang_wsl_product is built from" \
    'check the network, or set GOPROXY to a module proxy that you can reach'
}

# golang_wsl_with_go runs golang_wsl_go, shielded from what the user set for
# other work: a GOROOT of another version, a GOARCH to cross-compile for, a
# go.work further up. With no proxy named it is only asked for a setting.
golang_wsl_with_go() (
  cd / || exit
  proxy=$1
  shift
  unset GOROOT GOTOOLDIR GOEXPERIMENT GOOS GOARCH
  export GO111MODULE=on GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=0 GOTOOLCHAIN=local
  export HOME="${HOME:-$golang_wsl_home}" GOLANG_WSL_BUILDING=1
  if [[ $proxy ]]; then
    GOOS=$("$golang_wsl_go" env GOHOSTOS) GOARCH=$("$golang_wsl_go" env GOHOSTARCH)
    export GOOS GOARCH GOPROXY=$proxy GOTOOLCHAIN=auto GOTMPDIR=$golang_wsl_work/tmp
  fi
  # A Go that is here only for this build leaves nothing behind (the last line
  # is for its telemetry), nor does one whose user has no home to write to.
  if [[ $golang_wsl_private || ! -w $HOME ]]; then
    export GOCACHE=$golang_wsl_work/build GOPATH=$golang_wsl_work/path
    export GOMODCACHE=$golang_wsl_work/mod GOFLAGS='-mod=readonly -modcacherw'
    export GOENV=${GOENV:-${XDG_CONFIG_HOME:-$HOME/.config}/go/env} XDG_CONFIG_HOME=$golang_wsl_work/config
  fi
  exec "$golang_wsl_go" "$@"
)
