#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A locale in which libarchive keeps names as UTF-8.
///
/// In the C locale, which every program starts with, it puts `?` for each byte beyond ASCII. The locale is set for the
/// calling thread and the duration of a call only, so the process's own stays as it is.
struct UTF8Locale: @unchecked Sendable {
    /// The one locale that names are read in.
    static let forNames = UTF8Locale()

    // A locale object is immutable and may be used by several threads at once.
    private let locale: locale_t?

    private init() {
        locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) ?? newlocale(LC_CTYPE_MASK, "en_US.UTF-8", nil)
    }

    /// Runs a call in the locale; in the current one if the system has no UTF-8 locale.
    func run<Result>(_ body: () -> Result) -> Result {
        guard let locale else { return body() }
        let previous = uselocale(locale)
        defer { uselocale(previous) }
        return body()
    }
}
