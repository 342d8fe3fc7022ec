internal import CArchive
internal import CDeflate
internal import CLzma
internal import CZlib
internal import CZstd

/// The libraries that unpack, as they are linked to the running program; libdeflate, which does not tell, as it was built with.
public enum Libraries {
    public static var versions: [(name: String, version: String)] {
        [
            ("zstd", String(cString: ZSTD_versionString())), ("zlib", String(cString: zlibVersion())),
            ("libdeflate", LIBDEFLATE_VERSION_STRING), ("liblzma", String(cString: lzma_version_string())),
            ("libarchive", String(cString: archive_version_string()).replacing("libarchive ", with: "")),
        ]
    }
}
