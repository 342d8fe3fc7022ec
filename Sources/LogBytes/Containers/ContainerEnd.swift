/// Passes a container's bytes on and finds where it ends, for whoever reads it stops there, and what stands behind must not go
/// unseen.
final class ContainerEnd: ByteSource {
    private let upstream: any ByteSource
    private let kind: Container
    /// How many bytes have passed.
    private var passed: UInt64 = 0
    /// Where the container ends, counted from its beginning.
    private var end: UInt64?
    /// The last bytes, among which a record may have begun.
    private var tail: [UInt8] = []

    /// How many bytes zip's end record has, without its comment, and 7z's first header.
    private static let zipRecordBytes = 22
    private static let sevenZipHeaderBytes = 32

    init(_ kind: Container, _ upstream: any ByteSource) {
        self.kind = kind
        self.upstream = upstream
    }

    /// The damage that bytes behind its end are, once all have passed; nil for a tar, which goes on to the end of its file.
    var trailingData: Damage? {
        guard let end, passed > end else { return nil }
        let offset = upstream.fileOffset(unread: Int(clamping: passed - end))
        return Damage(
            kind: .trailingData, offset: offset,
            message: "\(passed - end) bytes follow a complete \(kind.rawValue) archive")
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Damage) -> Int {
        let count = try upstream.read(into: buffer)
        look(at: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        passed += UInt64(count)
        return count
    }

    func fileOffset(unread: Int) -> UInt64 { upstream.fileOffset(unread: unread) }

    private func look(at bytes: UnsafeRawBufferPointer) {
        switch kind {
        case .tar: break
        case .sevenZip: lookForSevenZip(bytes)
        case .zip:
            // A record that lies in two reads is looked for where they meet.
            let overlap = Self.zipRecordBytes - 1
            let seam = tail + bytes.prefix(overlap)
            seam.withUnsafeBytes { lookForZip($0, at: passed - UInt64(tail.count)) }
            lookForZip(bytes, at: passed)
            tail = Array((tail + bytes.suffix(overlap)).suffix(overlap))
        }
    }

    /// The end of central directory record (APPNOTE section 4.3.16): the directory that it names must end where it stands,
    /// or where zip64's records do that stand between; else the same bytes stand in some entry by chance.
    private func lookForZip(_ bytes: UnsafeRawBufferPointer, at origin: UInt64) {
        guard end == nil else { return }
        var start = 0
        while let place = bytes.place(of: 0x50, from: start), place + Self.zipRecordBytes <= bytes.count {
            start = place + 1
            guard bytes[place + 1] == 0x4B, bytes[place + 2] == 5, bytes[place + 3] == 6 else { continue }
            func number(_ offset: Int, _ count: Int) -> UInt64 {
                bytes[(place + offset)..<(place + offset + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            let here = origin + UInt64(place)
            let (size, offset) = (number(12, 4), number(16, 4))
            let isZip64 = size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF || number(10, 2) == 0xFFFF
            guard isZip64 || size + offset == here || size + offset + 76 == here else { continue }
            end = here + UInt64(Self.zipRecordBytes) + number(20, 2)
            return
        }
    }

    /// 7zFormat.txt, SignatureHeader: where the last header begins, behind this one, and how long it is.
    private func lookForSevenZip(_ bytes: UnsafeRawBufferPointer) {
        guard end == nil, tail.count < Self.sevenZipHeaderBytes else { return }
        tail.append(contentsOf: bytes.prefix(Self.sevenZipHeaderBytes - tail.count))
        guard tail.count == Self.sevenZipHeaderBytes else { return }
        func number(_ offset: Int) -> UInt64 {
            tail[offset..<(offset + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let (sum, overflow) = number(12).addingReportingOverflow(number(20))
        if !overflow, sum < 1 << 60 { end = UInt64(Self.sevenZipHeaderBytes) + sum }
    }
}
