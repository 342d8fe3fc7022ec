internal import CArchive
internal import CZlib
internal import CZstd

/// The libraries that unpack, as they are linked to the running program.
public enum Libraries {
    public static var versions: [(name: String, version: String)] {
        [
            ("zstd", String(cString: ZSTD_versionString())), ("zlib", String(cString: zlibVersion())),
            ("libarchive", String(cString: archive_version_string()).replacing("libarchive ", with: "")),
        ]
    }
}
