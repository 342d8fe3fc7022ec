/// A line of a job, read: a flat JSON object of which the members are asked by field.
///
/// One object serves for all lines of a stream; what it returns belongs to the line loaded last.
public final class ExchangeLine {
    /// Where texts are numbered.
    public let names: NameTable
    private let known: NameCache
    private let scanner = JSONScanner(fields: ExchangeField.texts)
    private let shapes = JSONShapes()
    private let slices = FieldSlices(count: ExchangeField.allCases.count)
    private var bytes: [UInt8] = []
    private var plain: [UInt8] = []

    /// - Parameter frames: where frame ids are numbered; nil: among the other texts.
    public init(_ names: NameTable, frames: NameTable? = nil) {
        self.names = names
        frames?.keepUnique()
        known = NameCache(names, frames: frames, setBits: 12)
    }

    /// Reads a line.
    ///
    /// - Throws: `ExchangeProblem` if it is no JSON object.
    public func load(_ line: RawSpan) throws {
        bytes.removeAll(keepingCapacity: true)
        line.withUnsafeBytes { bytes.append(contentsOf: $0) }
        slices.clear()
        do {
            try bytes.withUnsafeBytes { line in
                if !shapes.match(line, into: slices) { try scanner.scan(line, into: slices, noting: shapes) }
            }
        } catch let failure as ScanFailure {
            throw ExchangeProblem("not a JSON object (byte \(failure.offset))")
        }
    }

    /// - Throws: `ExchangeProblem` if the line has no known type.
    public func type() throws -> ExchangeType {
        guard let word = text(.type) else { throw ExchangeProblem("no 'type'; is this the output of strayframe?") }
        guard let type = ExchangeType(rawValue: word) else {
            throw ExchangeProblem("unknown type '\(word)'; use one version of strayframe for all stages")
        }
        return type
    }

    /// Whether the line has a member.
    public func has(_ field: ExchangeField) -> Bool { slices.has(field.rawValue) }

    /// The text of a member; nil if the line does not have it.
    public func text(_ field: ExchangeField) -> String? {
        value(field) { String(decoding: $0, as: UTF8.self) }
    }

    /// The number of a member's text; absent if the line does not have it.
    public func name(_ field: ExchangeField) -> NameID { value(field) { known.intern($0) } ?? .absent }

    /// The number of a member that is a frame id.
    public func frame(_ field: ExchangeField) -> NameID { value(field) { known.intern($0, isFrame: true) } ?? .absent }

    /// A whole number; nil if the line does not have it.
    ///
    /// - Throws: `ExchangeProblem` for anything else.
    public func number(_ field: ExchangeField) throws -> Int64? {
        guard let digits = text(field) else { return nil }
        guard let number = Int64(digits) else { throw ExchangeProblem("'\(field.text)' is not a whole number") }
        return number
    }

    /// A whole number that the line must have.
    public func needed(_ field: ExchangeField) throws -> Int64 {
        guard let number = try number(field) else { throw ExchangeProblem("no '\(field.text)'") }
        return number
    }

    /// A whole number of 32 bits; `absent` if the line does not have it.
    public func small(_ field: ExchangeField, absent: Int32) throws -> Int32 {
        guard let number = try number(field) else { return absent }
        guard let small = Int32(exactly: number) else { throw ExchangeProblem("'\(field.text)' is too large") }
        return small
    }

    private func value<Result>(_ field: ExchangeField, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        bytes.withUnsafeBytes { line in
            guard let raw = slices.bytes(field.rawValue, in: line) else { return nil }
            let escape = slices.escape(field.rawValue)
            guard escape != .none else { return body(raw) }
            plain.removeAll(keepingCapacity: true)
            escape.decode(raw, into: &plain)
            return plain.withUnsafeBytes { body($0) }
        }
    }
}

/// What is wrong with a line of a job.
public struct ExchangeProblem: Error, Sendable, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}
