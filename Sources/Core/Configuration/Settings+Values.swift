// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

extension Settings {
    /// A whole number within `range`; nil when it is not set.
    package func integer(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let text = text(key) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw ConfigurationError(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A duration such as `90s`, `30m`, `12h` or `30d`, within `range`; nil when it is not set.
    package func duration(_ key: String, in range: ClosedRange<Duration>) throws(ConfigurationError) -> Duration? {
        guard let text = text(key) else { return nil }
        guard let value = Self.duration(of: text) else {
            throw ConfigurationError(key, "must be a duration such as 90s, 30m, 12h or 30d")
        }
        guard range.contains(value) else {
            throw ConfigurationError(
                key,
                "must be from \(range.lowerBound.components.seconds)s to \(range.upperBound.components.seconds)s"
            )
        }
        return value
    }

    /// One of the names of `Value`; nil when it is not set.
    package func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String,
        as type: Value.Type = Value.self
    ) throws(ConfigurationError) -> Value? where Value.RawValue == String {
        guard let text = text(key) else { return nil }
        guard let value = Value(rawValue: text.lowercased()) else {
            throw ConfigurationError(key, "must be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }
}

extension Settings {
    /// Reads `250ms`, `90s`, `30m`, `12h`, `30d`; nil for anything else.
    ///
    /// Not an initialiser of `Duration`: one makes Swift 6.3 take the `timespec` of C for a type of a module that is not
    /// imported, and refuse the files that use it (release builds only).
    package static func duration(of text: String) -> Duration? {
        let isMilliseconds = text.hasSuffix("ms")
        let number = text.dropLast(isMilliseconds ? 2 : 1)
        guard let unit = text.last, let count = Int64(number), count >= 0, count < 1_000_000_000 else { return nil }
        switch unit {
        case "s" where isMilliseconds: return .milliseconds(count)
        case "s": return .seconds(count)
        case "m": return .seconds(count * 60)
        case "h": return .seconds(count * 3600)
        case "d": return .seconds(count * 86_400)
        default: return nil
        }
    }
}
