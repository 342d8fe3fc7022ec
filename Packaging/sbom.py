#!/usr/bin/env python3
"""Writes the components of the executable as SPDX 2.3 JSON (spdx.github.io/spdx-spec/v2.3): the packages of Package.resolved, the
works that these and the Swift toolchain contain, and the linked system libraries.

A component that is unknown here or missing in NOTICE is an error: somebody must check its licence first.
"""
import ctypes
import ctypes.util
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
APPLE = "Apache-2.0 WITH Swift-exception"
# By identity in Package.resolved: the name in NOTICE, and the licence.
RESOLVED = {
    "grdb.swift": ("GRDB.swift", "MIT"),
    "swift-argument-parser": ("swift-argument-parser", APPLE),
    "swift-asn1": ("swift-asn1", "Apache-2.0"),
    "swift-crypto": ("swift-crypto", "Apache-2.0"),
    "swift-mustache": ("swift-mustache", "Apache-2.0"),
    "yams": ("Yams", "MIT"),
}
# Works inside of others: name, licence, and the containing work.
INSIDE = [
    ("BoringSSL", "ISC AND OpenSSL", "swift-crypto"),
    ("LibYAML", "MIT", "Yams"),
    ("Swift standard library", APPLE, None),
    ("Foundation", APPLE, None),
    ("libdispatch", APPLE, None),
    ("ICU", "Unicode-3.0", "Foundation"),
]
# By pkg-config name.
SYSTEM = {
    "sqlite3": ("SQLite", "blessing"),
    "libzstd": ("libzstd", "BSD-3-Clause"),
    "libarchive": ("libarchive", "BSD-2-Clause"),
    "liblzma": ("liblzma", "0BSD"),
    "liblz4": ("liblz4", "BSD-2-Clause"),
    "xlsxwriter": ("libxlsxwriter", "BSD-2-Clause"),
    "zlib": ("zlib", "Zlib"),
    "libdeflate": ("libdeflate", "MIT"),
}


def output(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def package(name, version, licence, location="NOASSERTION"):
    identifier = "SPDXRef-" + "".join(c if c.isalnum() else "-" for c in name)
    return {
        "SPDXID": identifier, "name": name, "versionInfo": version, "downloadLocation": location,
        "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION",
    }


def main():
    version = output("sed", "-n", r's/.*static let version = "\(.*\)".*/\1/p', "Sources/Casefile/Custody/Tool.swift")
    commit = output("git", "rev-parse", "HEAD")
    swift = output("swift", "--version").splitlines()[0]
    notice = (ROOT / "NOTICE").read_text()
    packages = [package("strayframe", f"{version} ({commit[:12]})", "Apache-2.0")]
    parents = {}
    for pin in json.loads((ROOT / "Package.resolved").read_text())["pins"]:
        if pin["identity"] not in RESOLVED:
            sys.exit(f"sbom: {pin['identity']} is new: look at its licence, then name it here and in NOTICE")
        name, licence = RESOLVED[pin["identity"]]
        state = pin["state"]
        packages.append(package(name, state.get("version", state["revision"]), licence, f"git+{pin['location']}@{state['revision']}"))
    for name, licence, parent in INSIDE:
        packages.append(package(name, swift if parent in (None, "Foundation") else "NOASSERTION", licence))
        parents[name] = parent
    for module, (name, licence) in SYSTEM.items():
        packages.append(package(name, output("pkg-config", "--modversion", module), licence))
    # Debian's package has no pkg-config file.
    bzip2 = ctypes.CDLL(ctypes.util.find_library("bz2"))
    bzip2.BZ2_bzlibVersion.restype = ctypes.c_char_p
    packages.append(package("libbz2", bzip2.BZ2_bzlibVersion().decode().split(",")[0], "bzip2-1.0.6"))
    for one in packages:
        if one["name"] not in notice:
            sys.exit(f"sbom: NOTICE does not name {one['name']}")
    identifiers = {one["name"]: one["SPDXID"] for one in packages}
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", packages[0]["SPDXID"])]
    for one in packages[1:]:
        parent = parents.get(one["name"])
        owner = identifiers[parent] if parent else packages[0]["SPDXID"]
        relations.append((owner, "CONTAINS" if parent else "DEPENDS_ON", one["SPDXID"]))
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"strayframe-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/strayframe-{version}-{commit}",
        # The commit's time, so that the same source gives the same document.
        "creationInfo": {
            "created": output("git", "log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: strayframe-sbom"],
        },
        "packages": packages,
        "relationships": [
            {"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relations
        ],
    }
    print(json.dumps(document, indent=2, ensure_ascii=False))


main()
