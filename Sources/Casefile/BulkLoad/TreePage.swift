/// The head of a page of a table's tree (sqlite.org/fileformat2.html, section 1.6).
enum TreePage {
    enum Kind: UInt8 {
        case interior = 0x05
        case leaf = 0x0d
    }

    /// Where a leaf has the places of its rows, two bytes each.
    static let leafPlaces = 8
    static let interiorPlaces = 12

    /// Writes a page's own header: its kind, no free blocks, its cells and where their content begins.
    static func setHeader(_ page: UnsafeMutableRawPointer, _ kind: Kind, cells: Int, top: Int) {
        store(kind.rawValue, page, 0)
        store(UInt16(0), page, 1)
        store(UInt16(truncatingIfNeeded: cells), page, 3)
        store(UInt16(truncatingIfNeeded: top), page, 5)
        store(UInt8(0), page, 7)
    }

    @inline(__always)
    static func store<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ value: Integer, _ page: UnsafeMutableRawPointer, _ offset: Int
    ) {
        page.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Integer.self)
    }

    static func number(_ page: UnsafeRawPointer, _ offset: Int) -> Int {
        Int(UInt16(bigEndian: page.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    }
}
