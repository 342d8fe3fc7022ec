#!/bin/bash
# Reads roots and paths, a tab between them, and writes the records of each file in blocks; arguments go to `strayframe
# normalize`. The local files of a task are one run of it, so that small files make no small blocks.
set -euo pipefail
here=$(dirname "$0")
. "$here/fetch.sh"

list=$(mktemp)
trap 'rm -f "$list"' EXIT
while IFS=$'\t' read -r root path; do
    # As `ingest` names what lies below a root: by the root's last part and the path from there.
    name=${root##*/}
    [ "$path" = "$root" ] || name=$name/${path#"$root"/}
    case $path in
    file:*) printf '%s\t%s\n' "${path#file:}" "$name" >>"$list" ;;
    *) fetch "$path" | "$here/strayframe" normalize - --name "$name" "$@" ;;
    esac
done
[ ! -s "$list" ] || "$here/strayframe" normalize --list "$@" <"$list"
