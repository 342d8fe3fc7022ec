internal import CBytes

/// A digest of a value on a delivery's line that is compared with other lines' and of which nothing else is kept.
///
/// Such a value stands on one line, or on few, so that numbering it as a name would cost more than the rest of the line; and a
/// client's address in a case file would be one more piece of personal data.
public struct LineTag: Sendable, BitwiseCopyable {
    /// What the value is.
    public enum Kind: UInt32, Sendable, BitwiseCopyable, CaseIterable {
        /// The request's id, which names one answer on every log that has a line for it.
        case request = 0
        /// The session that the requester was known by.
        case session = 1
        /// The client's address.
        case address = 2
        /// The client's device or installation.
        case device = 3
        /// What all lines have in common that a server writes of one request, and no other request's line has.
        case transaction = 4
        /// What all lines have in common that a server writes of one request, and perhaps another request's.
        case steps = 5
    }

    public var delivery: EventID
    public var kind: Kind
    /// Never 0.
    public var digest: UInt64

    public init(_ delivery: EventID, _ kind: Kind, digest: UInt64) {
        (self.delivery, self.kind, self.digest) = (delivery, kind, digest)
    }

    /// - Parameter value: as the line has it, its escapes taken out; nil if it is none that tells one from another.
    init?(_ delivery: EventID, _ kind: Kind, _ value: UnsafeRawBufferPointer) {
        guard let value = kind == .request ? RequestID.essential(value) : value, !value.isEmpty else { return nil }
        let digest = kind == .address ? IPAddress.withCanonicalBytes(of: value, Self.digest) : Self.digest(value)
        guard let digest else { return nil }
        self.init(delivery, kind, digest: digest == 0 ? 1 : digest)
    }

    private static func digest(_ value: UnsafeRawBufferPointer) -> UInt64? {
        value.baseAddress.map { digest_of_bytes($0.assumingMemoryBound(to: UInt8.self), value.count) }
    }
}

/// What of a request's id is the same on every server that logs it.
enum RequestID {
    /// Shorter ones are counters, and zeros stand for none.
    private static let fewestBytes = 8

    /// - Returns: the part of the value that names the request; nil if nothing of it does.
    static func essential(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var part = unquoted(value)
        if let root = root(part) { part = root }
        if let trace = trace(part) { part = trace }
        if hasDataCentre(part) { part = UnsafeRawBufferPointer(rebasing: part[..<(part.count - 4)]) }
        guard part.count >= fewestBytes, part.contains(where: { $0 != UInt8(ascii: "0") && $0 != UInt8(ascii: "-") })
        else {
            return nil
        }
        return part
    }

    private static func unquoted(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let quote = UInt8(ascii: "\"")
        guard value.count >= 2, value.first == quote, value.last == quote else { return value }
        return UnsafeRawBufferPointer(rebasing: value.dropFirst().dropLast())
    }

    /// Of `Self=1-67891234-…;Root=1-67891233-abcdef012345678912345678` what follows `Root=` (AWS, "Request tracing for your
    /// Application Load Balancer"): each balancer on the way adds its own `Self`.
    private static func root(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let first = value.first, first == UInt8(ascii: "R") || first == UInt8(ascii: "S"),
            value.starts(with: "Root=".utf8) || value.starts(with: "Self=".utf8)
        else { return nil }
        for field in value.split(separator: UInt8(ascii: ";")) where field.starts(with: "Root=".utf8) {
            return UnsafeRawBufferPointer(rebasing: field.dropFirst(5))
        }
        return nil
    }

    /// Of `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01` the trace's id: the parent's is another at each hop (W3C
    /// Trace Context, section 3.2).
    private static func trace(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let dash = UInt8(ascii: "-")
        guard value.count == 55, [2, 35, 52].allSatisfy({ value[$0] == dash }),
            value.allSatisfy({ $0 == dash || isHexadecimal($0) })
        else { return nil }
        return UnsafeRawBufferPointer(rebasing: value[3..<35])
    }

    /// Whether a data centre's code stands behind a Ray ID, as in the header CF-Ray and not in the log's RayID
    /// (`230b030023ae2822-SJC`; Cloudflare, "HTTP headers").
    private static func hasDataCentre(_ value: UnsafeRawBufferPointer) -> Bool {
        value.count == 20 && value[16] == UInt8(ascii: "-") && value[17...].allSatisfy { (0x41...0x5a).contains($0) }
            && value[..<16].allSatisfy(isHexadecimal)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
    }
}
