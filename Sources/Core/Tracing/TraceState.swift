// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A `tracestate` that may be passed on (W3C Trace Context, section 3.3).
package struct TraceState: Sendable {
    /// The longest that is passed on, in bytes: what the standard asks of everybody at least.
    static let maximumLength = 512
    private static let maximumMembers = 32

    /// The members with commas between them.
    package let text: String

    /// Nil when there is no member, one has not the form of the standard or stands twice, or all are too long.
    init?(_ values: [String]) {
        var keys: Set<Substring> = []
        var members: [Substring] = []
        guard values.reduce(0, { $0 + $1.utf8.count + 1 }) <= Self.maximumLength + 1 else { return nil }
        for value in values {
            for member in value.split(separator: ",") {
                // Optional white space around a member, and members that are empty, mean nothing.
                let member = Self.trimmed(member)
                guard !member.isEmpty else { continue }
                guard let key = Self.key(of: member), keys.insert(key).inserted else { return nil }
                members.append(member)
            }
        }
        guard (1...Self.maximumMembers).contains(members.count) else { return nil }
        self.text = members.joined(separator: ",")
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    /// The key of a member `key=value`; nil when it is none.
    private static func key(of member: Substring) -> Substring? {
        guard let equals = member.firstIndex(of: "=") else { return nil }
        let (key, value) = (member[..<equals], member[member.index(after: equals)...])
        guard
            let first = key.utf8.first, isLowerOrDigit(first), key.utf8.count <= 256,
            key.utf8.allSatisfy({ isLowerOrDigit($0) || "_-*/@".utf8.contains($0) }),
            key.utf8.count(where: { $0 == UInt8(ascii: "@") }) <= 1,
            (1...256).contains(value.utf8.count),
            value.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") })
        else { return nil }
        return key
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
}
