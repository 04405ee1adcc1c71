// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The values of all settings as text: the environment, and below it the file that `POSTERN_CONFIG` names.
///
/// Nothing else in the program reads the environment.
package struct Settings: Sendable {
    private let values: [String: String]

    /// The settings of this process.
    ///
    /// - Parameter configurationFile: The file to read in place of the one that `POSTERN_CONFIG` names; nil for that one.
    /// - Returns: The environment, and below it the file.
    /// - Throws: ``ConfigurationError`` for a file that cannot be read, and for an unknown `POSTERN_` key.
    package static func ofProcess(configurationFile: String? = nil) throws(ConfigurationError) -> Settings {
        var environment = ProcessInfo.processInfo.environment
        if let configurationFile { environment[SettingKey.configurationFile] = configurationFile }
        return try Settings(environment: environment)
    }

    /// The settings of an environment.
    ///
    /// - Throws: as ``ofProcess()``.
    package init(environment: [String: String]) throws(ConfigurationError) {
        var values: [String: String] = [:]
        if let path = environment[SettingKey.configurationFile], !path.isEmpty {
            guard let contents = FileManager.default.contents(atPath: path) else {
                throw ConfigurationError(SettingKey.configurationFile, "names a file that cannot be read")
            }
            values = try Self.parse(file: String(decoding: contents, as: UTF8.self))
        }
        for (key, value) in environment where key.hasPrefix("POSTERN_") || SettingKey.isKnown(key) {
            // An empty variable in a compose file means "not set", so it hides nothing that the file sets.
            if !value.isEmpty || values[key] == nil { values[key] = value }
        }
        for key in values.keys.sorted() where !SettingKey.isKnown(key) {
            let hint = SettingKey.nearest(to: key).map { "; did you mean \($0)?" } ?? ""
            throw ConfigurationError(key, "is not a setting of Postern\(hint)")
        }
        self.values = values.filter { !$0.value.isEmpty }
    }

    /// Every key that is set.
    var keys: [String] {
        values.keys.sorted()
    }

    /// The text of a setting; nil when it is not set or empty.
    package func text(_ key: String) -> String? {
        values[key]
    }

    /// `KEY=value` lines.
    ///
    /// Empty lines and lines that begin with `#` do not count; a value may stand in double quotes.
    private static func parse(file: String) throws(ConfigurationError) -> [String: String] {
        var values: [String: String] = [:]
        // Not at "\n": to Swift, the two characters that end a line of Windows are one that is not "\n".
        for (index, line) in file.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = trim(line)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            // What does not look like a key is not shown: it may be a secret that lost its key.
            guard let equals = line.firstIndex(of: "="), case let key = trim(line[..<equals]), isKey(key) else {
                throw ConfigurationError(SettingKey.configurationFile, "has no KEY=value in line \(index + 1)")
            }
            var value = trim(line[line.index(after: equals)...])
            if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") { value = value.dropFirst().dropLast() }
            guard values.updateValue(String(value), forKey: String(key)) == nil else {
                throw ConfigurationError(String(key), "stands twice in the file that POSTERN_CONFIG names")
            }
        }
        return values
    }

    private static func isKey(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (65...90).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
            }
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
