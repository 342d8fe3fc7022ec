#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The operating system's words for an error number, with the number: `Permission denied (errno 13)`.
func systemMessage(_ number: Int32) -> String {
    guard let words = strerror(number) else { return "errno \(number)" }
    return "\(String(cString: words)) (errno \(number))"
}
