/// Why a line could not be used. The raw text is what the case file and the reports say.
public enum RejectReason: String, Sendable, CaseIterable, Error {
    case malformedJSON = "not a JSON object"
    case patternMismatch = "does not fit the profile's pattern"
    case columnCount = "other number of columns than named"
    case noColumns = "no column names before the first record"
    case openQuote = "a quoted value does not end"
    case noTime = "no time stamp"
    case badTime = "not a time stamp"
    case sinceStart = "seconds since the server's start, which are no time: let it write time stamps"
    case badStatus = "status is not a number"
    case noName = "a name that this record needs is missing"
    case severalValues = "several values, or an object, where one name belongs"
    case mayBeRight = "may tell of a right of another account than the owner, and is none of an owner"
    case emptyInterval = "ends before it begins"
    case noRecord = "nothing that the profile knows"
    case tooLong = "longer than the line limit"
    case cut = "cut off by the damage that ends the file"
    case holed = "NUL bytes on both sides of it"
    case unfinished = "record without its end"
    case unknownRepeat = "says that a message was repeated, and which one is not known"
    case manyRepeats = "says that a message was repeated more than 10000 times"
    case repeatInside = "says that a message was repeated, inside another envelope, where it cannot be counted"
}

/// What became of one line.
public enum LineOutcome: Sendable, Equatable {
    /// It gave records, or is part of one.
    case accepted
    /// The profile says that such lines are no records (headers, directives, probes).
    case ignored
    /// It could not be used; `offset` is the byte of the line at which reading stopped.
    case rejected(RejectReason, offset: Int)
}
