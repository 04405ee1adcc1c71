// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Logging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How much is logged, in which form, and where to.
///
/// Settings: `POSTERN_LOG_LEVEL`, `POSTERN_LOG_FORMAT`, `POSTERN_LOG_FILE`.
package struct LoggingConfiguration: Hashable, Sendable {
    package let level: Logger.Level
    package let format: LogFormat
    /// The absolute path of the log; nil for standard output.
    package let file: String?

    package init(level: Logger.Level, format: LogFormat, file: String?) {
        self.level = level
        self.format = format
        self.file = file
    }

    /// - Parameters:
    ///   - settings: The settings.
    ///   - isTerminal: Whether standard output is a terminal, where text is the default.
    /// - Throws: ``ConfigurationError`` for an unknown level or format, or a path that is not absolute.
    package init(_ settings: Settings, isTerminal: Bool) throws(ConfigurationError) {
        let file = settings.text(SettingKey.logFile)
        // The supervisor and what takes its place need not have the same working directory.
        guard file?.hasPrefix("/") ?? true else {
            throw ConfigurationError(SettingKey.logFile, "must be an absolute path")
        }
        self.file = file
        self.level = try settings.choice(SettingKey.logLevel) ?? .info
        self.format = try settings.choice(SettingKey.logFormat) ?? (isTerminal && file == nil ? .text : .json)
    }

    /// Opens the log file; nil for standard output.
    ///
    /// - Throws: ``ConfigurationError`` when it cannot be written.
    package func openFile() throws(ConfigurationError) -> LogFile? {
        guard let file else { return nil }
        do throws(SystemCallError) {
            return try LogFile(path: file)
        } catch {
            throw ConfigurationError(SettingKey.logFile, "names a file that cannot be written: \(error.reason)")
        }
    }

    /// A logger with the label `label` that writes as configured.
    package func makeLogger(label: String, to file: LogFile?) -> Logger {
        Logger(label: label) { _ in
            LineLogHandler(level: level, format: format, descriptor: file?.descriptor ?? STDOUT_FILENO)
        }
    }
}
