import GRDB

/// One value of a row, for `JSONEncoder`.
struct JSONCell: Encodable {
    private let value: DatabaseValue
    init(_ value: DatabaseValue) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value.storage {
        case .null: try container.encodeNil()
        case .int64(let number): try container.encode(number)
        case .double(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .blob(let data): try container.encode(data)
        }
    }
}
