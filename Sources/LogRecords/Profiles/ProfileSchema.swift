internal import Foundation

/// A JSON Schema (draft 2020-12) of profiles, by which an editor completes and checks them while they are written.
///
/// It says less than `ProfileReader` does, which knows whether a field is in the pattern; what the reader takes, it takes.
public enum ProfileSchema {
    /// The schema as JSON.
    public static var json: String {
        var properties: [String: Any] = [
            "name": text("What reports call it."), "title": text("What log this is, for people."),
            "syntax": [
                "description": "How a line is built.",
                "enum": ["json", "logfmt", "pattern", "csv", "tsv", "delimited", "w3c", "varnishlog"],
            ],
            "pattern": list("The line with names in braces; of a list the first that fits counts."),
            "columns": list("The columns of csv, tsv and delimited; '...' at the end allows more."),
            "delimiter": text("One character, for delimited."),
            "escapes": word(
                ["backslash", "json", "none"], "What a backslash escapes in this log: as JSON has it, or nothing."),
            "blanks": word(
                ["several", "single"],
                "Whether a pattern's blank is any number of blanks, or just one: a log that writes nothing for what it lacks has two side by side."
            ),
            "recognize": [
                "description": "Fields that a line must have; of a list in the list one is enough.", "type": "array",
                "items": list(""),
            ],
            "clock": text("Whose clock it is, for lines that name no node."),
            "absent": list("Values that mean 'nothing here'; '' and '-' if not given."),
            "cache_status": [
                "description": "The log's own words for a cache's verdict.", "type": "object",
                "additionalProperties": word(CacheStatus.allCases.map { "\($0)" }, ""),
            ],
            "headers": word(
                ["replaceable", "mergeable"],
                "Frame and owner may come from headers that outlived their body: of any revalidation, or of one that names another frame than the cache asked about."
            ),
            "validators": word(["client"], "This cache revalidates with the client's If-None-Match."),
            "fills": word(["stored", "sent"], "Whether fills say what was stored or just what an origin sent."),
            "parts": word(
                ["marked", "unmarked"],
                "Whether lines of parts of an answer can be told from answers' own; if not, a line that comes again at once may be of the same answer."
            ),
            "ranges": word(
                ["fetched-whole", "passed-on"],
                "Whether the cache fetches the whole frame for a range that it does not have, or passes the request on and stores nothing."
            ),
            "ignore": [
                "description": "A line for which all conditions of one entry hold is no record.",
                "type": ["array", "null"],
                "items": conditions,
            ],
            "inherits": text("The profile that says what this one does not."),
            "derive": [
                "description": "Values taken out of fields, by name.", "type": ["object", "null"],
                "additionalProperties": ["$ref": "#/$defs/source"],
            ],
            "used": word(["on-request", "always"], "Whether it must be asked for by name."),
            "carry": [
                "description": "Fields that a line takes over from an earlier one of the same session.",
                "type": ["object", "null"], "required": ["by", "fields"], "additionalProperties": false,
                "properties": [
                    "by": text("The field that says which session."), "fields": list(""),
                    "added": [
                        "description": "A name for what a line adds to the list in one of the fields.",
                        "type": "object",
                        "additionalProperties": text(""),
                    ],
                ],
            ],
            "time_format": text("How stamps are written, in strptime's words; %f is a fraction of a second."),
            "cut_at": [
                "description": "Fields that this server cuts to so many bytes: a value as long is not known.",
                "type": ["object", "null"], "additionalProperties": ["type": "integer"],
            ],
            "zone": text("The zone of stamps without an offset, as Europe/Berlin; else UTC."),
            "year": ["description": "The year of the first stamp, where stamps have none.", "type": "integer"],
        ]
        for kind in Profile.RecordKind.allCases { properties[kind.rawValue] = ["$ref": "#/$defs/record"] }
        let schema: [String: Any] = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "strayframe profile", "type": "object",
            "required": ["name"], "additionalProperties": false, "properties": properties,
            "$defs": ["source": source, "record": record],
        ]
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = (try? JSONSerialization.data(withJSONObject: schema, options: options)) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    private static func text(_ description: String) -> [String: Any] {
        ["description": description, "type": ["string", "number", "null"]]
    }

    private static func word(_ words: [String], _ description: String) -> [String: Any] {
        ["description": description, "enum": words + [NSNull()] as [Any]]
    }

    /// One text or several.
    private static func list(_ description: String) -> [String: Any] {
        let one: [String: Any] = ["type": ["string", "number", "boolean"]]
        return ["description": description, "anyOf": [one, ["type": "array", "items": one], ["type": "null"]]]
    }

    private static var conditions: [String: Any] {
        [
            "type": "object",
            "additionalProperties": [
                "anyOf": [
                    ["enum": ["present", "absent"]], list(""),
                    [
                        "type": "object", "required": ["not"], "additionalProperties": false,
                        "properties": ["not": list("")],
                    ],
                ]
            ],
        ]
    }

    private static var source: [String: Any] {
        [
            "description": "Where a value comes from.",
            "anyOf": [
                ["type": ["string", "number", "null"]], ["type": "array", "items": ["$ref": "#/$defs/source"]],
                [
                    "type": "object", "additionalProperties": false,
                    "properties": [
                        "field": ["$ref": "#/$defs/source"], "value": text("The same on every line."),
                        "join": ["$ref": "#/$defs/source"], "with": text("Stands between what is joined."),
                        "sum": list("Lengths of time to add."), "extract": text("A pattern with one {value}."),
                        "unit": word(LoggedDuration.Unit.allCases.map(\.rawValue), "The unit of a length of time."),
                        "yes": list("The values that mean yes: '?' is any character, '*' at the end any more."),
                        "dash": text("The number that '-' stands for."),
                        "decode": [
                            "anyOf": [
                                word(["percent", "base64", "haproxy"], ""),
                                ["type": "array", "items": word(["percent", "base64", "haproxy"], "")],
                            ]
                        ],
                        "query": text("This parameter of a URL."), "cookie": text("This cookie."),
                        "jwt": text("This claim of a token."),
                        "cache_status": text("This parameter of a Cache-Status field."),
                        "members": text("This member of all objects in a JSON array."),
                        "normalize": word(["url", "lower"], "One form of what a cache takes for the same."),
                        "words": ["description": "Other words for some values.", "type": "object"],
                        "account_by": word(
                            SessionTable.Column.allCases.map(\.rawValue),
                            "The account that the table of --sessions has."),
                    ],
                ],
            ],
        ]
    }

    private static var record: [String: Any] {
        var properties: [String: Any] = [
            "when": conditions,
            "marks": word(
                ["start", "end", "instant"],
                "What the time stamp marks; instant: the end, and an answer without a duration took no time."),
        ]
        for role in Role.allCases { properties[role.label] = ["$ref": "#/$defs/source"] }
        return ["type": ["object", "null"], "additionalProperties": false, "properties": properties]
    }
}
