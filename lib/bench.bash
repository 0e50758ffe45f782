#!/usr/bin/env bash
# Becomes golang-wsl-bench, which is built on first use: "golang-wsl bench" becomes
# this file where it has none beside itself. lib/helper.bash and lib/build.bash do
# the work, under the lock of the helper's build and by the same key.
here=${BASH_SOURCE[0]%"${BASH_SOURCE[0]##*/}"}
unset GOLANG_WSL_HELPER # names a helper, and no golang-wsl-bench
# shellcheck source=helper.bash
. "${here}helper.bash"
golang_wsl_want_bench=1
case ${1:-} in
  __complete*) golang_wsl_find || exit 1 ;; # a key press does not wait for a build
  *) golang_wsl_ready || exit 1 ;;
esac
exec "$golang_wsl_bench" "$@"
