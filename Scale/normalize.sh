#!/bin/bash
# Reads roots and paths, separated by a tab, and writes the records of each file in blocks; arguments are passed to `strayframe
# normalize`. One run reads all local files of a task, so that small files make no small blocks.
set -euo pipefail
here=$(dirname "$0")
. "$here/fetch.sh"

list=$(mktemp)
trap 'rm -f "$list"' EXIT
while IFS=$'\t' read -r root path; do
    # As `ingest` names files below a root: by the root's last component and the relative path.
    name=${root##*/}
    [ "$path" = "$root" ] || name=$name/${path#"$root"/}
    case $path in
    file:*) printf '%s\t%s\n' "${path#file:}" "$name" >>"$list" ;;
    *) fetch "$path" | "$here/strayframe" normalize - --name "$name" "$@" ;;
    esac
done
[ ! -s "$list" ] || "$here/strayframe" normalize --list "$@" <"$list"
