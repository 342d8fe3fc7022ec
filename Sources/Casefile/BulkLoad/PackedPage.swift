/// A full page of rows that passes through SQLite as if it were one long row, and is a page of rows again in the file.
///
/// SQLite searches a table's tree for the place of each row that it is given, also of one behind all others: a third of
/// what a row costs. For a parcel it searches once a page. All else stays SQLite's own: which page it is, the tree above
/// it, locks, the rollback journal. The record is as long as a page can hold and ends where the page does, so the rows lie
/// at their final places already.
enum PackedPage {
    /// Of the longest record that a leaf holds by itself (sqlite.org/fileformat2.html, section 1.6).
    private static let recordBytes = PageLoader.pageBytes - recordStart
    private static let recordStart = 35
    private static let countPlace = recordStart + MemoryLayout<Mark>.size
    /// Where the places of its rows stand, two bytes each.
    static let places = countPlace + 2
    /// Beside rows that take so many bytes of a page, with their places, no parcel has room: of what lies before its record it
    /// needs two for its place, three for its length and one for its number.
    static let leastNeighbour = recordStart - TreePage.leafPlaces - 5

    /// Stands in a run's parcels and, being drawn by lot, in no other row.
    typealias Mark = SIMD2<UInt64>

    /// Wraps a page that has the places of its rows at `places` and the rows at its end.
    ///
    /// - Parameter last: the number of its last row, which becomes the parcel's.
    static func wrap(_ page: UnsafeMutableRawPointer, cells: Int, last: Int64, _ mark: Mark) {
        let number = UInt64(bitPattern: last)
        let cell = recordStart - Varint.length(number) - Varint.length(UInt64(recordBytes))
        TreePage.setHeader(page, .leaf, cells: 1, top: cell)
        TreePage.store(UInt16(truncatingIfNeeded: cell), page, TreePage.leafPlaces)
        Varint.write(number, to: Varint.write(UInt64(recordBytes), to: page + cell))
        page.storeBytes(of: mark, toByteOffset: recordStart, as: Mark.self)
        TreePage.store(UInt16(truncatingIfNeeded: cells), page, countPlace)
    }

    /// Makes the leaf that a page was wrapped from, or would have been. Nothing else of what was in the page stays.
    static func makeLeaf(_ page: UnsafeMutableRawPointer, cells: Int) {
        let (start, end) = (TreePage.leafPlaces, TreePage.leafPlaces + 2 * cells)
        (page + start).copyMemory(from: page + places, byteCount: end - start)
        let top = TreePage.number(page, end - 2)
        (page + end).initializeMemory(as: UInt8.self, repeating: 0, count: top - end)
        TreePage.setHeader(page, .leaf, cells: cells, top: top)
    }

    /// How many rows a page wraps; nil if it is not a parcel of that mark.
    static func rows(in page: UnsafeRawPointer, _ mark: Mark) -> Int? {
        guard page.load(as: UInt8.self) == TreePage.Kind.leaf.rawValue, TreePage.number(page, 3) == 1,
            page.loadUnaligned(fromByteOffset: recordStart, as: Mark.self) == mark
        else { return nil }
        return TreePage.number(page, countPlace)
    }
}
