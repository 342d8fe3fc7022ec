internal import CArchive
internal import CBzip2
internal import CDeflate
internal import CLz4
internal import CLzma
internal import CZlib
internal import CZstd

/// The libraries that unpack, as they are linked to the running program; libdeflate, which does not tell, as it was built with.
public enum Libraries {
    public static var versions: [(name: String, version: String)] {
        [
            ("zstd", String(cString: ZSTD_versionString())), ("zlib", String(cString: zlibVersion())),
            ("libdeflate", LIBDEFLATE_VERSION_STRING), ("liblzma", String(cString: lzma_version_string())),
            ("libbz2", String(cString: BZ2_bzlibVersion())), ("liblz4", String(cString: LZ4_versionString())),
            ("libarchive", String(cString: archive_version_string()).replacing("libarchive ", with: "")),
        ]
    }
}
