# golang-wsl: this shell uses the data directory of the Linux that it runs on.
#
# It starts no process, except where the kernel's name leaves open what it is. In
# each function emulate -L gives zsh's own options, whatever the user has set.
# hook.bash does the same for other shells, and says what the mark means that some
# functions have.

# Sets kind. What init was told comes first: a kernel of one's own has any name.
# Android on Windows is started as WSL2 is, and what Linux is told by EFI may have
# the same words, but elsewhere in the line.
function _golang_wsl_kind {
  emulate -L zsh
  setopt extended_glob
  local line= name=
  # $(<) forks nothing, and read has a system call for each byte.
  if [[ -r /proc/cmdline ]]; then line=$(</proc/cmdline); fi
  case "$line " in # the blank lets a word end where the line does
    ('BOOT_IMAGE=/kernel init=/init '(|'ro '|'rw ')) kind=wsl1; return ;;
    (('initrd=\initrd.img '(|'WSL_ROOT_INIT=1 '|'WSLC_ROOT_INIT=1 ')'panic=-1 '*)~*androidboot.*) kind=wsl2; return ;;
  esac
  if [[ -r /proc/sys/kernel/osrelease ]]; then name=$(</proc/sys/kernel/osrelease); fi
  case $name in # <-> is a number
    (*WSL2*|4.19.<->-microsoft-standard(|+)) kind=wsl2 ;;
    ([34].4.0(|-<->)-Microsoft) kind=wsl1 ;;
    ((#i)*microsoft*|(#i)*wsl*|3.4.0(+|-*)) _golang_wsl_ask ;;
  esac
}

# Sets kind by asking the helper, once per boot. The name is kept with the answer,
# for what shares a home and a boot, but shows another kernel.
function _golang_wsl_ask { # parsed when called
  emulate -L zsh
  local boot= was= answer= of= cache=${XDG_CACHE_HOME:-$HOME/.cache}/golang-wsl dir helper
  { IFS= read -r boot </proc/sys/kernel/random/boot_id } 2>/dev/null || :
  { IFS=' ' read -r was answer of <$cache/kind } 2>/dev/null || :
  if [[ -z $boot || $was != $boot || $of != $name ]]; then
    answer= was=
    for dir in $wsl1 $wsl2 $native; do
      helper=$dir/golang-wsl/bin/golang-wsl
      if [[ -f $helper && -x $helper ]]; then
        answer=$($helper detect --kind </dev/null 2>/dev/null) || answer=
        break
      fi
    done
  fi
  if [[ $answer != (wsl1|wsl2|native) ]]; then return 0; fi
  kind=$answer
  if [[ -z $was && -n $boot ]]; then
    { mkdir -p $cache && print -r -- $boot $kind $name >|$cache/kind } 2>/dev/null || :
  fi
}

# mise keeps what exec-env said in its cache, by version: a cache that both kinds
# use would give one the GOROOT of the other.
function _golang_wsl_mise { # parsed when called
  emulate -L zsh
  local share=${XDG_DATA_HOME:-$HOME/.local/share}/mise- cache=${XDG_CACHE_HOME:-$HOME/.cache}/mise-
  local -a list kinds=(wsl1 wsl2)
  if [[ -n ${MISE_ENV-} ]]; then list=("${(@s.,.)MISE_ENV}"); fi
  list=("${(@)list:|kinds}")
  if [[ $kind != native ]]; then
    list+=($kind)
    export MISE_DATA_DIR=$share$kind MISE_CACHE_DIR=$cache$kind MISE_ENV="${(j.,.)list}"
    return
  fi
  if [[ ${MISE_DATA_DIR-} == ${share}wsl[12] ]]; then unset MISE_DATA_DIR; fi
  if [[ ${MISE_CACHE_DIR-} == ${cache}wsl[12] ]]; then unset MISE_CACHE_DIR; fi
  if [[ ,${MISE_ENV-}, == *,wsl[12],* ]]; then
    if (( $#list )); then MISE_ENV="${(j.,.)list}"; else unset MISE_ENV; fi
  fi
}

# Says so where "asdf set -u", called past the function below, wrote a version into
# the file that all kinds read. asdf takes the first line of a plugin's name.
function _golang_wsl_warn { # parsed when called
  emulate -L zsh
  local plugin= file line
  local -a words
  { IFS= read -r line <$ASDF_DATA_DIR/golang-wsl/plugin } 2>/dev/null || :
  words=(${(s. .)line//[$'\t\r']/ } golang-wsl)
  plugin=$words[1]
  file=${ASDF_TOOL_VERSIONS_FILENAME:-${ASDF_DEFAULT_TOOL_VERSIONS_FILENAME:-.tool-versions}}
  if [[ ! -d $ASDF_DATA_DIR/installs/$plugin/default || ! -f $HOME/$file || ! -r $HOME/$file ]]; then return 0; fi
  # A file as long as a book is none for people.
  for line in "${(@)${(@f)$(<$HOME/$file)}[1,200]}"; do
    words=(${(s. .)${line[1,512]%%'#'*}//[$'\t\r']/ })
    if [[ ${words[1]-} != $plugin ]]; then continue; fi
    line=${words[2]-}
    if [[ $line == (|default|*[^A-Za-z0-9._:/+~-]*) ]]; then return 0; fi
    export GOLANG_WSL_WARNED=1
    print -ru2 -- "golang-wsl: ~/$file says \"$plugin $line\" for every kind of Linux; to make that the default of this kind only: golang-wsl default $line" || :
    return 0
  done
}

function _golang_wsl_hook {
  emulate -L zsh
  local wsl1=${GOLANG_WSL_WSL1_DATA_DIR:-$HOME/.asdf-wsl1} wsl2=${GOLANG_WSL_WSL2_DATA_DIR:-$HOME/.asdf-wsl2}
  local native=${GOLANG_WSL_NATIVE_DATA_DIR:-${ASDF_DATA_DIR:-$HOME/.asdf}} kind=native dir
  if [[ -z ${GOLANG_WSL_NATIVE_DATA_DIR-} && ( $native == $wsl1 || $native == $wsl2 ) ]]; then native=$HOME/.asdf; fi
  _golang_wsl_kind
  export ASDF_DATA_DIR=${(P)kind}

  # Nothing is added to what is empty: an empty entry means the current directory.
  local -a list gone dirs=($wsl1 $wsl2 $native)
  if [[ $kind != native ]]; then dirs+=($HOME/.asdf); fi
  for dir in $dirs; do gone+=($dir/golang-wsl/bin $dir/shims); done
  if [[ -n ${PATH-} ]]; then list=("${(@s.:.)PATH}"); fi
  list=($ASDF_DATA_DIR/golang-wsl/bin $ASDF_DATA_DIR/shims "${(@)list:|gone}")
  export PATH="${(j.:.)list}"

  if [[ $kind${MISE_DATA_DIR-}${MISE_CACHE_DIR-}${MISE_ENV-} == *wsl[12]* ]]; then _golang_wsl_mise; fi
  if [[ -o interactive && -z ${GOLANG_WSL_WARNED-} ]]; then _golang_wsl_warn; fi
}

if [[ -n ${HOME-} ]]; then
  _golang_wsl_hook

  # "asdf shell" is what asdf lost in 0.16. "asdf global P V", and "asdf set P V" with
  # -u or --home, make V the default of this kind of Linux where P is this plugin:
  # asdf would write it into the file that all kinds read.
  function asdf { # parsed when called
    emulate -L zsh
    local verb=${1-} plugin=${2-} version=${3-} data=${ASDF_DATA_DIR-} place name
    case $verb in
      (global|set)
        local -a words=("${(@)argv:#-*}") flags=("${(@M)argv:#-*}")
        place=$data/plugins/${words[2]-}/lib/commands/command-default
        if [[ $verb == set && $#flags -eq 0 || -n ${flags:#(-u|--home)} || $#words -lt 3 || ! -f $place || ! -x $place ]]; then
          command asdf "$@"
        else
          $place "${(@)words[3,-1]}"
        fi
        return
        ;;
      (shell) ;;
      (*)
        command asdf "$@"
        return
        ;;
    esac

    # An alias may be called latest.
    if [[ $version == latest(|:*) && ! -d $data/installs/$plugin/$version ]]; then
      version=$(command asdf latest $plugin ${${version#latest}#:}) || return
    fi
    case $version in
      (--unset|system) place=/ ;;
      (path:*) place=${version#path:} ;;
      (|.|..|*/*) place= ;;
      (ref:*) place=$data/installs/$plugin/ref-${version#ref:} ;;
      (*) place=$data/installs/$plugin/$version ;;
    esac
    if [[ $# -ne 3 || $plugin == (|*[^abcdefghijklmnopqrstuvwxyz0123456789_-]*) || ! -d $place ]]; then
      print -ru2 -- "golang-wsl: asdf shell NAME VERSION|--unset: $plugin $version is not installed here"
      return 1
    fi
    # In Turkish the large letter of i is another one.
    () { local LC_ALL=C; name=ASDF_${(U)plugin//-/_}_VERSION }
    if [[ $version == --unset ]]; then unset $name; else export $name=$version; fi
  }
fi
unfunction _golang_wsl_hook _golang_wsl_kind _golang_wsl_ask _golang_wsl_mise _golang_wsl_warn
