#!/bin/sh
# Packs the installation of `make dist` below FOLDER/root as a tarball and as a Debian package (deb(5)).
# The same commit gives the same bytes: files have the time of the commit, and belong to root.
set -eu

folder=$1
root=$folder/root
version=$("$root/usr/bin/strayframe" --version | cut -d' ' -f1)
architecture=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH

# The workbook library has another name in each Debian release, so the package contains it, where the executable looks for it.
library=$(ldd "$root/usr/bin/strayframe" | sed -n 's/.*libxlsxwriter[^ ]* => \([^ ]*\) .*/\1/p')
[ -n "$library" ] || { echo "dist: libxlsxwriter is not found" >&2; exit 1; }
install -D -s -m 644 "$library" "$root/usr/lib/strayframe/$(basename "$library")"

name=strayframe-$version-linux-$architecture
tar -C "$root/usr" --transform "s,^\.,$name," --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    -cf - . | gzip -n -9 >"$folder/$name.tar.gz"

# Debian policy: manual pages are compressed, and the licence is the file `copyright`.
package=$folder/package
rm -rf "$package"
mkdir -p "$package/DEBIAN"
cp -a "$root/usr" "$package/"
gzip -n -9 "$package"/usr/share/man/man1/*.1
mv "$package/usr/share/doc/strayframe/LICENSE" "$package/usr/share/doc/strayframe/copyright"
# The names of the libraries' packages on the build system.
mkdir -p "$folder/control/debian"
printf 'Source: strayframe\n\nPackage: strayframe\nArchitecture: any\n' >"$folder/control/debian/control"
binary=$(cd "$package/usr/bin" && pwd)/strayframe
private=$(cd "$package/usr/lib/strayframe" && pwd)
depends=$(cd "$folder/control" && dpkg-shlibdeps -O --ignore-missing-info -l"$private" \
    -x"$(dpkg-query -S "$(readlink -f "$library")" | cut -d: -f1)" "$binary" "$private"/* 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "dist: the libraries of $binary are of no package" >&2; exit 1; }
size=$(du -sk --apparent-size "$package/usr" | cut -f1)
cat >"$package/DEBIAN/control" <<CONTROL
Package: strayframe
Version: $version
Architecture: $architecture
Maintainer: The strayframe authors <strayframe@localhost>
Installed-Size: $size
Depends: $depends
Recommends: sqlite3
Section: utils
Priority: optional
Description: find out whose camera frames reached whom without a right to them
 Reads the compressed logs of a camera cloud's relays and caches into one SQLite
 file, decides for each delivery whether its account had a right to the frame,
 and reports the counts with their bounds, down to the raw log lines.
CONTROL
(cd "$package" && find usr -type f | LC_ALL=C sort | xargs md5sum >DEBIAN/md5sums)
dpkg-deb --root-owner-group --build "$package" "$folder/strayframe_${version}_$architecture.deb" >/dev/null
(cd "$folder" && sha256sum "$name.tar.gz" "strayframe_${version}_$architecture.deb" >SHA256SUMS && cat SHA256SUMS)
