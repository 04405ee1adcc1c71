// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Logging

/// One line of the log, at most ``maximumLength`` bytes with its line feed.
///
/// Several processes write to one pipe. Writes of up to `PIPE_BUF` bytes (4096 on Linux) are atomic (POSIX, `write`), so
/// lines of that length never mix; longer ones do.
struct LogLine {
    static let maximumLength = 4096

    /// Values longer than this, escaped, are cut, so that no single one can push the others out of the line.
    static let maximumValueLength = 1024
    /// The names of the line's own members, which metadata cannot take.
    private static let ownNames = ["ts", "level", "msg", "omitted"]

    let timestamp: Timestamp
    let level: Logger.Level
    let message: String
    let fields: [LogFields.Field]

    /// `{"ts":…,"level":…,"msg":…, fields…}` and a line feed.
    ///
    /// Fields that do not fit are left out and counted.
    var json: [UInt8] {
        var omitted = 0
        while true {
            var writer = JSONWriter(reservingCapacity: 512)
            writer.object { json in
                json.member("ts", timestamp)
                json.member("level", level.rawValue)
                json.member("msg", Self.cut(message))
                for (name, value) in fields.dropLast(omitted) { json.member(name, Self.cut(value)) }
                if omitted > 0 { json.member("omitted", Int64(omitted)) }
            }
            if writer.bytes.count < Self.maximumLength || omitted == fields.count {
                writer.endLine()
                return writer.bytes
            }
            omitted += 1
        }
    }

    /// `09:05:00.250 info     message key=value …` for people, with control characters escaped.
    var text: [UInt8] {
        var line = "\(timestamp.rfc3339.dropFirst(11).prefix(12)) "
        line += level.rawValue
        line += String(repeating: " ", count: max(1, 9 - level.rawValue.count))
        line += Self.printable(Self.cut(message))
        for (name, value) in fields { line += " \(Self.printable(name))=\(Self.printable(Self.cut(value)))" }
        // A character that is cut through becomes U+FFFD, which may be two bytes longer than what is left of it.
        let bytes = line.utf8.prefix(Self.maximumLength - 4)
        return Array(String(decoding: bytes, as: UTF8.self).utf8) + [UInt8(ascii: "\n")]
    }

    /// The name of a field of this name, so that it is none of the line's own.
    static func free(_ name: String) -> String {
        ownNames.contains(name) ? "\(name)_" : name
    }

    static func text(of value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        default: "\(value)"
        }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > maximumValueLength / 6 else { return text }
        var length = 0
        // By scalars: one `Character` can be of any length. An escaped control character takes six bytes.
        let kept = text.unicodeScalars.prefix { scalar in
            length += scalar.properties.generalCategory == .control ? 6 : UTF8.width(scalar)
            return length <= maximumValueLength
        }
        return kept.endIndex == text.endIndex ? text : String(kept) + "…"
    }

    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if scalar.properties.generalCategory == .control {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
}
