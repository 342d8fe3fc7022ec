#!/bin/sh
# Installs the packages of `make dist` in fresh Debian systems and runs them there: dist-test.sh FOLDER RELEASE...
# Each system is made once (debootstrap) and kept beside the packages; each test works on a copy.
set -eu

folder=$1
shift
mirror=${DEBIAN_MIRROR:-}
deb=$(ls "$folder"/strayframe_*.deb)
tarball=$(ls "$folder"/strayframe-*.tar.gz)
fixture=Fixtures/xiaomi-2019-12-26/dump

# A program reads its arguments from /proc; the mount ends with the command.
in_system() {
    unshare --mount sh -c 'mount --rbind /proc "$0/proc" && exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"' "$system" "$@"
}

for release in "$@"; do
    base=$folder/debian-$release.tar
    if [ ! -f "$base" ]; then
        echo "== $release: making a fresh system"
        rm -rf "$folder/debian-$release"
        # shellcheck disable=SC2086
        debootstrap --variant=minbase "$release" "$folder/debian-$release" $mirror >"$folder/debootstrap-$release.log" 2>&1 ||
            { tail -3 "$folder/debootstrap-$release.log" >&2; exit 1; }
        tar -C "$folder/debian-$release" -cf "$base.new" . && mv "$base.new" "$base"
        rm -rf "$folder/debian-$release"
    fi
    system=$folder/system-$release
    rm -rf "$system"
    mkdir -p "$system"
    tar -C "$system" -xf "$base"
    cp "$deb" "$tarball" "$system/tmp/"
    cp -r "$fixture" "$system/tmp/dump"
    [ ! -f /etc/resolv.conf ] || cp -L /etc/resolv.conf "$system/etc/resolv.conf"
    echo "== $release: $(in_system cat /etc/debian_version): installing the package"
    in_system apt-get update -q >"$folder/apt-$release.log" 2>&1 || { tail -3 "$folder/apt-$release.log" >&2; exit 1; }
    in_system apt-get install -y -q --no-install-recommends "/tmp/$(basename "$deb")" >>"$folder/apt-$release.log" 2>&1 ||
        { tail -3 "$folder/apt-$release.log" >&2; exit 1; }
    for program in strayframe "/tmp/$(basename "$tarball" .tar.gz)/bin/strayframe"; do
        in_system tar -C /tmp -xzf "/tmp/$(basename "$tarball")"
        echo "== $release: $program $(in_system "$program" --version)"
        in_system "$program" analyze /tmp/dump --case /tmp/case.sqlite --reports /tmp/reports >"$folder/answer-$release"
        grep -E '^exposures +312 +0$' "$folder/answer-$release"
        in_system "$program" verify --case /tmp/case.sqlite >/dev/null
        in_system rm -rf /tmp/case.sqlite /tmp/reports
    done
    in_system test -f /usr/share/man/man1/strayframe-analyze.1.gz
    in_system test -f /usr/share/bash-completion/completions/strayframe
    in_system dpkg -V strayframe
    in_system apt-get purge -y -q strayframe >>"$folder/apt-$release.log" 2>&1
    ! in_system test -e /usr/bin/strayframe
    rm -rf "$system"
done
echo "dist-test: $*: all is well"
