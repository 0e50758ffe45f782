# shellcheck shell=bash
# Fetches the Go that builds the helper where the machine has none. It lives in
# the build's own work directory and goes with it. The sums are those of
# https://go.dev/dl/?mode=json&include=all.
golang_wsl_pinned=1.26.7

golang_wsl_pinned_sum() { # architecture as in the archive's name
  case $1 in
    amd64) echo ffb5f8de10c62550dfddab66b36b57030721e0a44a3218e9e1181d7b59f121ca ;;
    386) echo 5b6fad4a7fe8fa230c935625b67450305be95e2f4f976b731623f76b88fc4821 ;;
    arm64) echo 5a4ec883379d51ee9ce1040d5e87f8d35e20387574dd8c947feb01eabc3c1b37 ;;
    armv6l) echo 6a41557335d1d9fa9bfc7439cedcfd0e4df2fc83d916175b5f3eae4685f5fe3f ;;
    ppc64le) echo 22d3b362d557175fd16b79651cab0cad64f8aaaedca745f66d16f44d56bc5de1 ;;
    s390x) echo bc3308e05e9397958ad4aac453e3dc4565ba6d548e9ace0a9b4b165feb6382f2 ;;
    riscv64) echo 21e1dc0e2f7dd9f80e0e94613fc324f1f99403b99997f9d8c5f80f8132fc642b ;;
    loong64) echo 89b5e92446e719719e23db447a41860d7d573252bab0704c9acb09ad97e9eca1 ;;
  esac
}

golang_wsl_pinned_arch() { # machine as uname says it
  case $1 in
    x86_64 | amd64) echo amd64 ;;
    aarch64 | arm64) echo arm64 ;;
    i?86) echo 386 ;;
    armv6* | armv7* | armv8*) echo armv6l ;;
    loongarch64) echo loong64 ;;
    ppc64le | s390x | riscv64) echo "$1" ;;
  esac
}

# golang_wsl_fetch_go sets golang_wsl_go. Where the bytes are from does not
# matter, the sum decides.
golang_wsl_fetch_go() {
  local arch want name base rest got archive=$golang_wsl_work/go.tar.gz
  local install='install Go 1.21 or newer, and put it on PATH'
  arch=$(golang_wsl_pinned_arch "$(uname -m)")
  want=$(golang_wsl_pinned_sum "$arch")
  [[ $want ]] || golang_wsl_fail "no Go here, and none known for $(uname -m)" "$install"
  name=go$golang_wsl_pinned.linux-$arch.tar.gz
  golang_wsl_say "building $golang_wsl_product (once): fetching go$golang_wsl_pinned for it, as no Go is here ..."

  rest=${GOLANG_WSL_MIRROR:-https://dl.google.com/go},https://mirrors.aliyun.com/golang,
  while [[ $rest ]]; do
    base=${rest%%,*}
    rest=${rest#*,}
    if [[ ! $base ]]; then continue; fi
    rm -f "$archive"
    golang_wsl_do golang_wsl_get "${base%/}/$name" "$archive" || continue
    got=$("${golang_wsl_sum[@]}" "$archive")
    if [[ ${got%% *} == "$want" ]]; then
      golang_wsl_unpack_go "$archive"
      return
    fi
    printf '%s/%s: sha256 is %s, not %s\n' "${base%/}" "$name" "${got%% *}" "$want" >>"$golang_wsl_work/log"
  done
  golang_wsl_fail "cannot fetch $name" "$install"
}

golang_wsl_get() { # url file
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL --retry 3 --connect-timeout 20 --speed-time 30 --speed-limit 1 -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    # The static busybox of Debian 12 crashes when it is given a timeout.
    if wget --version 2>/dev/null | grep -q GNU; then
      wget -q -T 30 -t 3 -O "$2" "$1"
    else
      wget -q -O "$2" "$1"
    fi
  else
    echo 'no curl and no wget here' && return 1
  fi
}

golang_wsl_unpack_go() { # archive
  golang_wsl_do tar -xzf "$1" -C "$golang_wsl_work" || golang_wsl_fail "cannot unpack $1"
  rm -f "$1"
  golang_wsl_go=$golang_wsl_work/go/bin/go
  golang_wsl_private=1
}
