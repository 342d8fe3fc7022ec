internal import Foundation

/// What two spellings of one account have in common.
public enum AccountSpelling {
    /// Without case, blanks around it, leading zeros, and the `.0` that a spreadsheet puts behind a number.
    public static func folded(_ name: String) -> String {
        var folded = name.lowercased().trimmingCharacters(in: .whitespaces)
        if folded.hasSuffix(".0") { folded.removeLast(2) }
        let digits = folded.drop { $0 == "0" }
        return digits.isEmpty ? folded : String(digits)
    }

    /// Puts what its spellings have in common in place of a name.
    static func fold(_ name: inout [UInt8]) { name = Array(folded(String(decoding: name, as: UTF8.self)).utf8) }
}
