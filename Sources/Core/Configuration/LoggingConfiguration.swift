// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Logging

/// How much is logged and in which form.
///
/// Settings: `POSTERN_LOG_LEVEL`, `POSTERN_LOG_FORMAT`.
package struct LoggingConfiguration: Sendable {
    package let level: Logger.Level
    package let format: LogFormat

    /// - Parameters:
    ///   - settings: The settings.
    ///   - isTerminal: Whether the log goes to a terminal, where text is the default.
    /// - Throws: ``ConfigurationError`` for an unknown level or format.
    package init(_ settings: Settings, isTerminal: Bool) throws(ConfigurationError) {
        self.level = try settings.choice(SettingKey.logLevel) ?? .info
        self.format = try settings.choice(SettingKey.logFormat) ?? (isTerminal ? .text : .json)
    }

    /// A logger with the label `label` that writes as configured.
    package func makeLogger(label: String) -> Logger {
        Logger(label: label) { _ in LineLogHandler(level: level, format: format) }
    }
}
