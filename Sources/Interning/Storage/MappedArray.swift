internal import CMalloc

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Plain values one behind the other that take no more memory than was written to.
///
/// An `Array` that is full is copied into one twice its size, and takes three times its size meanwhile. This one grows
/// where it lies: what it has reserved beyond its elements, and zeros that nobody wrote, take no memory.
public struct MappedArray<Element: BitwiseCopyable> {
    @usableFromInline var memory: LeanMemory
    /// Where `memory` lies; at hand, so that an access is one read.
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var filled = 0

    public init() {
        memory = LeanMemory()
        base = memory.base
    }

    /// - Parameter zeros: how many elements there are, all of whose bytes are 0.
    public init(zeros: Int) {
        self.init()
        extend(to: zeros)
    }

    @inlinable public var count: Int { filled }

    @inlinable public subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count)
            return base.load(fromByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
        }
        set { update(index) { $0 = newValue } }
    }

    /// Changes an element.
    @inlinable public mutating func update<Result>(_ index: Int, _ change: (inout Element) -> Result) -> Result {
        precondition(index >= 0 && index < count)
        if !isKnownUniquelyReferenced(&memory) { detach() }
        let element = base + index * MemoryLayout<Element>.stride
        return change(&element.assumingMemoryBound(to: Element.self).pointee)
    }

    @inlinable public mutating func append(_ element: Element) {
        extend(to: count + 1)
        base.storeBytes(of: element, toByteOffset: (count - 1) * MemoryLayout<Element>.stride, as: Element.self)
    }

    /// Adds elements all of whose bytes are 0, until there are so many.
    @inlinable public mutating func extend(to count: Int) {
        guard count > filled else { return }
        if !isKnownUniquelyReferenced(&memory) { detach() }
        if count * MemoryLayout<Element>.stride > memory.byteCount {
            memory.grow(to: count * MemoryLayout<Element>.stride)
            base = memory.base
        }
        filled = count
    }

    @inlinable package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: base, count: count * MemoryLayout<Element>.stride))
    }

    /// Lends all elements to be changed.
    mutating func withUnsafeMutableElements<Result>(_ body: (UnsafeMutableBufferPointer<Element>) -> Result) -> Result {
        if !isKnownUniquelyReferenced(&memory) { detach() }
        return body(UnsafeMutableBufferPointer(start: base.assumingMemoryBound(to: Element.self), count: filled))
    }

    /// Gives the elements memory of their own, for another array has the same.
    @usableFromInline mutating func detach() {
        let copy = LeanMemory()
        copy.grow(to: count * MemoryLayout<Element>.stride)
        copy.base.copyMemory(from: base, byteCount: count * MemoryLayout<Element>.stride)
        memory = copy
        base = copy.base
    }
}

// Checked by hand: the memory is only written to by an array that alone has it, as an `Array`'s is.
extension MappedArray: @unchecked Sendable where Element: Sendable {}

/// The memory of a `MappedArray`: zero where nothing was written.
@usableFromInline
final class LeanMemory {
    @usableFromInline private(set) var base: UnsafeMutableRawPointer
    @usableFromInline private(set) var byteCount: Int
    /// From here on the system is asked for pages, which are there once they are written to.
    private static let leastMapped = 1 << 16

    init() {
        byteCount = 64
        base = .allocate(byteCount: byteCount, alignment: 16)
        memset(base, 0, byteCount)
    }

    deinit { Self.free(base, byteCount) }

    /// Makes room for as many bytes, and so many more that growing stays rare.
    @usableFromInline func grow(to wanted: Int) {
        let larger = max(wanted, 2 * byteCount)
        if larger < Self.leastMapped {
            let new = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
            memset(new + byteCount, 0, larger - byteCount)
            move(to: new, larger)
            return
        }
        let pages = (larger + Self.leastMapped - 1) / Self.leastMapped * Self.leastMapped
        #if os(Linux)
            if byteCount >= Self.leastMapped {
                base = Self.checked(grow_mapping(base, byteCount, pages), pages)
                byteCount = pages
                return
            }
        #endif
        move(to: Self.map(pages), pages)
    }

    private func move(to new: UnsafeMutableRawPointer, _ newCount: Int) {
        new.copyMemory(from: base, byteCount: byteCount)
        Self.free(base, byteCount)
        (base, byteCount) = (new, newCount)
    }

    private static func map(_ byteCount: Int) -> UnsafeMutableRawPointer {
        let flags = MAP_PRIVATE | MAP_ANON
        return checked(mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), byteCount)
    }

    private static func checked(_ memory: UnsafeMutableRawPointer?, _ byteCount: Int) -> UnsafeMutableRawPointer {
        guard let memory, memory != MAP_FAILED else { fatalError("no memory for \(byteCount) bytes") }
        return memory
    }

    private static func free(_ base: UnsafeMutableRawPointer, _ byteCount: Int) {
        if byteCount < leastMapped { base.deallocate() } else { munmap(base, byteCount) }
    }
}
