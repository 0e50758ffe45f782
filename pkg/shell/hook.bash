# shellcheck shell=dash
# golang-wsl: this shell uses the data directory of the Linux that it runs on.
#
# For bash from 3.2 on, also with --posix, and for any POSIX sh that has local
# (dash, busybox ash). It starts no process, except where the kernel's name leaves
# open what it is. It holds under set -euo pipefail, sourced twice, and in an
# environment that a shell of the other kind of Linux left behind.
#
# Most of the time goes into reading this. "golang-wsl hook" makes a text of the
# functions that are marked, for eval to read if they are called.

# An alias of this name would be a syntax error where the function begins.
case $- in *i*) unalias asdf 2>/dev/null || : ;; esac

# Sets _gw_kind by asking the helper, once per boot. The name is kept with the answer,
# for what shares a home and a boot, but shows another kernel.
_golang_wsl_ask() { # parsed when called
  local boot='' was='' answer='' of='' cache="${XDG_CACHE_HOME:-$HOME/.cache}/golang-wsl" dir helper
  { IFS= read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || :
  { IFS=' ' read -r was answer of <"$cache/kind"; } 2>/dev/null || :
  if [ -z "$boot" ] || [ "$was" != "$boot" ] || [ "$of" != "$_gw_name" ]; then
    answer='' was=''
    for dir in "$_gw_wsl1" "$_gw_wsl2" "$_gw_native"; do
      helper=$dir/golang-wsl/bin/golang-wsl
      if [ -f "$helper" ] && [ -x "$helper" ]; then
        answer=$("$helper" detect --kind </dev/null 2>/dev/null) || answer=''
        break
      fi
    done
  fi
  case $answer in wsl1 | wsl2 | native) _gw_kind=$answer ;; *) return 0 ;; esac
  if [ -z "$was" ] && [ -n "$boot" ]; then
    { mkdir -p "$cache" && printf '%s\n' "$boot $_gw_kind $_gw_name" >|"$cache/kind"; } 2>/dev/null || :
  fi
}

# Takes every word $1 out of _gw_list, which begins and ends with the separator $2.
_golang_wsl_drop() {
  while :; do
    case $_gw_list in
      *"$2$1$2"*) _gw_list=${_gw_list%%"$2$1$2"*}$2${_gw_list#*"$2$1$2"} ;;
      *) return 0 ;;
    esac
  done
}

# What is in PATH but what a hook has put there, of whatever kind.
_golang_wsl_path() { # parsed when called
  local dir
  _gw_list=:$PATH:
  if [ "$_gw_kind" = native ]; then set --; else set -- "$HOME/.asdf"; fi
  for dir in "$_gw_wsl1" "$_gw_wsl2" "$_gw_native" "$@"; do
    _golang_wsl_drop "$dir/golang-wsl/bin" :
    _golang_wsl_drop "$dir/shims" :
  done
  _gw_list=${_gw_list%:}
}

# mise keeps what exec-env said in its cache, by version: a cache that both kinds
# use would give one the GOROOT of the other.
_golang_wsl_mise() { # parsed when called
  local share="${XDG_DATA_HOME:-$HOME/.local/share}/mise-" cache="${XDG_CACHE_HOME:-$HOME/.cache}/mise-"
  _gw_list=,
  if [ -n "${MISE_ENV-}" ]; then _gw_list=,$MISE_ENV,; fi
  _golang_wsl_drop wsl1 ,
  _golang_wsl_drop wsl2 ,
  _gw_list=${_gw_list#,}
  if [ "$_gw_kind" != native ]; then
    export MISE_DATA_DIR="$share$_gw_kind" MISE_CACHE_DIR="$cache$_gw_kind" MISE_ENV="$_gw_list$_gw_kind"
    return
  fi
  case ${MISE_DATA_DIR-} in "${share}wsl"[12]) unset MISE_DATA_DIR ;; esac
  case ${MISE_CACHE_DIR-} in "${cache}wsl"[12]) unset MISE_CACHE_DIR ;; esac
  case ,${MISE_ENV-}, in
    *,wsl1,* | *,wsl2,*) if [ -n "$_gw_list" ]; then MISE_ENV=${_gw_list%,}; else unset MISE_ENV; fi ;;
  esac
}

# Says so where "asdf set -u", called past the function below, wrote a version into
# the file that all kinds read. asdf takes the first line of a plugin's name.
_golang_wsl_warn() { # parsed when called
  local blanks=' 	' left=200 most='' plugin='' file name version rest
  { IFS=$blanks read -r plugin rest <"$ASDF_DATA_DIR/golang-wsl/plugin"; } 2>/dev/null || :
  plugin=${plugin:-golang-wsl}
  file=${ASDF_TOOL_VERSIONS_FILENAME:-${ASDF_DEFAULT_TOOL_VERSIONS_FILENAME:-.tool-versions}}
  if [ ! -d "$ASDF_DATA_DIR/installs/$plugin/default" ] || [ ! -f "$HOME/$file" ]; then return 0; fi
  # A file as long as a book is none for people. bash takes a second for 1 MB.
  if [ -n "${BASH_VERSION-}" ]; then most=-n512; fi
  while [ "$left" -gt 0 ] && { IFS=$blanks read -r ${most:+"$most"} name version rest || [ -n "$name" ]; }; do
    left=$((left - 1))
    if [ "$name" = "$plugin" ]; then
      version=${version%%'#'*}
      version=${version%[[:cntrl:]]} # of CR LF
      case $version in '' | default | *[!A-Za-z0-9._:/+~-]*) return 0 ;; esac
      export GOLANG_WSL_WARNED=1
      printf '%s\n' "golang-wsl: ~/$file says \"$plugin $version\" for every kind of Linux; to make that the default of this kind only: golang-wsl default $version" >&2 || :
      return 0
    fi
  done <"$HOME/$file" || :
}

if [ -n "${HOME-}" ]; then
  _gw_kind=native _gw_line='' _gw_name='' _gw_list=''
  _gw_wsl1=${GOLANG_WSL_WSL1_DATA_DIR:-$HOME/.asdf-wsl1}
  _gw_wsl2=${GOLANG_WSL_WSL2_DATA_DIR:-$HOME/.asdf-wsl2}
  _gw_native=${GOLANG_WSL_NATIVE_DATA_DIR:-${ASDF_DATA_DIR:-$HOME/.asdf}}
  case ${GOLANG_WSL_NATIVE_DATA_DIR:+set}$_gw_native in
    "$_gw_wsl1" | "$_gw_wsl2") _gw_native=$HOME/.asdf ;; # inherited from a shell of that kind
  esac

  # What init was told comes first: a kernel of one's own has any name. Android on
  # Windows is started as WSL2 is, and what Linux is told by EFI may have the same
  # words, but elsewhere in the line.
  if [ -r /proc/cmdline ]; then IFS= read -r _gw_line </proc/cmdline || :; fi
  case "$_gw_line " in # the blank lets a word end where the line does
    'BOOT_IMAGE=/kernel init=/init ' | 'BOOT_IMAGE=/kernel init=/init r'[ow]' ') _gw_kind=wsl1 ;;
    *androidboot.*) ;;
    'initrd=\initrd.img panic=-1 '* | 'initrd=\initrd.img WSL_ROOT_INIT=1 panic=-1 '* | \
      'initrd=\initrd.img WSLC_ROOT_INIT=1 panic=-1 '*) _gw_kind=wsl2 ;;
  esac
  if [ "$_gw_kind" = native ] && [ -r /proc/sys/kernel/osrelease ]; then
    IFS= read -r _gw_name </proc/sys/kernel/osrelease || :
    case $_gw_name in # where digits must be, [!0-9] finds what is none
      *WSL2*) _gw_kind=wsl2 ;;
      [34].4.0-*[!0-9]*-Microsoft | 4.19.*[!0-9]*-microsoft-standard*) _golang_wsl_ask ;;
      [34].4.0-Microsoft | [34].4.0-[0-9]*-Microsoft) _gw_kind=wsl1 ;;
      4.19.[0-9]*-microsoft-standard | 4.19.[0-9]*-microsoft-standard+) _gw_kind=wsl2 ;;
      *[Mm][Ii][Cc][Rr][Oo][Ss][Oo][Ff][Tt]* | *[Ww][Ss][Ll]* | 3.4.0+ | 3.4.0-*) _golang_wsl_ask ;;
    esac
  fi

  case $_gw_kind in
    wsl1) export ASDF_DATA_DIR="$_gw_wsl1" ;;
    wsl2) export ASDF_DATA_DIR="$_gw_wsl2" ;;
    *) export ASDF_DATA_DIR="$_gw_native" ;;
  esac
  # Nothing is added to what is empty: an empty entry means the current directory.
  case :${PATH-}: in
    ::) ;;
    */shims:* | */golang-wsl/bin:*) _golang_wsl_path ;;
    *) _gw_list=:$PATH ;;
  esac
  export PATH="$ASDF_DATA_DIR/golang-wsl/bin:$ASDF_DATA_DIR/shims$_gw_list"
  case $_gw_kind${MISE_DATA_DIR-}${MISE_CACHE_DIR-}${MISE_ENV-} in *wsl[12]*) _golang_wsl_mise ;; esac
  case $-,${GOLANG_WSL_WARNED-} in *i*,) _golang_wsl_warn ;; esac

  # "asdf shell" is what asdf lost in 0.16. "asdf global P V", and "asdf set P V" with
  # -u or --home, make V the default of this kind of Linux where P is this plugin:
  # asdf would write it into the file that all kinds read.
  asdf() { # parsed when called
    local verb="${1-}" plugin="${2-}" version="${3-}" data="${ASDF_DATA_DIR-}" home='' words=0 word place pairs name=''
    case $verb in
      shell | global | set) ;;
      *)
        command asdf "$@"
        return
        ;;
    esac

    if [ "$verb" != shell ]; then
      plugin=''
      for word; do
        case $word in
          -u | --home) home=1 ;;
          -*) data='' ;; # whatever that means, it is for asdf
          *)
            words=$((words + 1))
            if [ "$words" -eq 2 ]; then plugin=$word; fi
            ;;
        esac
      done
      place=$data/plugins/$plugin/lib/commands/command-default
      if [ "$verb$home" = set ] || [ "$words" -lt 3 ] || [ ! -f "$place" ] || [ ! -x "$place" ]; then
        command asdf "$@"
        return
      fi
      for word; do # the flags go, the words stay
        shift
        case $word in -*) ;; *) set -- "$@" "$word" ;; esac
      done
      shift 2
      "$place" "$@"
      return
    fi

    case $version in # an alias may be called latest
      latest | latest:*)
        word=${version#latest}
        if [ ! -d "$data/installs/$plugin/$version" ]; then
          version=$(command asdf latest "$plugin" ${word:+"${word#:}"}) || return
        fi
        ;;
    esac
    case $version in
      --unset | system) place=/ ;;
      path:*) place=${version#path:} ;;
      '' | . | .. | */*) place='' ;;
      ref:*) place=$data/installs/$plugin/ref-${version#ref:} ;;
      *) place=$data/installs/$plugin/$version ;;
    esac
    case $plugin in '' | *[!abcdefghijklmnopqrstuvwxyz0123456789_-]*) place='' ;; esac
    if [ "$#" -ne 3 ] || [ ! -d "$place" ]; then
      printf '%s\n' "golang-wsl: asdf shell NAME VERSION|--unset: $plugin $version is not installed here" >&2
      return 1
    fi
    # Each character is followed by what stands for it in a variable's name.
    pairs=aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ-__00112233445566778899
    while [ -n "$plugin" ]; do
      word=${pairs#*"${plugin%"${plugin#?}"}"}
      name=$name${word%"${word#?}"}
      plugin=${plugin#?}
    done
    if [ "$version" = --unset ]; then unset "ASDF_${name}_VERSION"; else export "ASDF_${name}_VERSION=$version"; fi
  }
fi
unset _gw_kind _gw_line _gw_name _gw_list _gw_wsl1 _gw_wsl2 _gw_native
unset -f _golang_wsl_ask _golang_wsl_path _golang_wsl_drop _golang_wsl_mise _golang_wsl_warn
