# shellcheck shell=bash
# What scripts/test needs of a machine, and how a bare Debian or Ubuntu gets it.
# To be sourced from the repository's root.

machine_cache=${XDG_CACHE_HOME:-$HOME/.cache}/golang-wsl-test
machine_mise_version=2026.9.15

# machine_commands installs, with apt-get, the commands that are missing; with an
# argument also those that only the long lanes need.
machine_commands() {
  local pair command missing=()
  for pair in git curl wget openssl tar gzip xz:xz-utils shellcheck zsh fish dash busybox unshare:util-linux strace lowntfs-3g:ntfs-3g cyclictest:rt-tests fio wrk ssh-keygen:openssh-client node:nodejs npm gcc; do
    command=${pair%%:*}
    command -v "$command" >/dev/null 2>&1 || missing+=("${pair#*:}")
  done
  # A browser is large, and what it looks at changes seldom.
  if [ -n "${1:-}" ] && ! command -v chromium >/dev/null 2>&1; then missing+=(chromium fonts-dejavu-core); fi
  [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
  [ -e /usr/share/i18n/locales/tr_TR ] || missing+=(locales)
  if command -v gcc >/dev/null 2>&1; then
    [ -e /usr/include/stdlib.h ] || missing+=(libc6-dev)
  else
    missing+=(libc6-dev)
  fi
  if [ ${#missing[@]} -gt 0 ]; then machine_apt "${missing[@]}"; fi
}

# machine_vm installs what scripts/vm needs.
machine_vm() {
  local pair missing=()
  for pair in debootstrap qemu-system-x86_64:qemu-system-x86 cpio mkfs.ext4:e2fsprogs setsid:util-linux; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null 2>&1 || missing+=("${pair#*:}")
  done
  if [ ${#missing[@]} -gt 0 ]; then machine_apt "${missing[@]}"; fi
}

machine_apt() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "test: please install: $*" >&2
    exit 1
  fi
  echo "test: apt-get install $*"
  # A list that is partly out of reach may still name what is needed.
  ${as_root[@]+"${as_root[@]}"} apt-get -qq update || true
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

# machine_go puts a Go on PATH: one that is there, or one that the project
# itself installs.
machine_go() {
  export GOTOOLCHAIN=auto GOWORK=off
  if ! go version >/dev/null 2>&1; then
    # shellcheck source=../lib/helper.bash
    . lib/helper.bash
    golang_wsl_ready || exit 1
    "$golang_wsl_helper" install 1.26
    PATH=$("$golang_wsl_helper" exec 1.26 -- go env GOROOT)/bin:$PATH
    export PATH
  fi
  go version
}

# machine_race reports whether the race detector works here: it needs cgo.
machine_race() {
  local dir status=0
  dir=$(mktemp -d)
  printf 'package main\n\nfunc main() {}\n' >"$dir/main.go"
  CGO_ENABLED=1 go build -race -o "$dir/main" "$dir/main.go" >/dev/null 2>&1 || status=1
  rm -rf "$dir"
  return "$status"
}

# machine_mise puts mise on PATH, from the npm registry. The package's install
# script, which npm 11 does not run, would only link the real binary: it is in
# a package of its own for each platform.
machine_mise() {
  local bin dir=$machine_cache/mise-$machine_mise_version arch
  if command -v mise >/dev/null 2>&1; then return; fi
  arch=$(node -p 'process.arch')
  bin=$dir/node_modules/@jdxcode/mise-linux-$arch/bin
  if [ ! -x "$bin/mise" ]; then
    mkdir -p "$dir"
    npm install --loglevel=error --no-audit --no-fund --prefix "$dir" \
      "@jdxcode/mise-linux-$arch@$machine_mise_version"
  fi
  PATH=$bin:$PATH
  mise --version
}
