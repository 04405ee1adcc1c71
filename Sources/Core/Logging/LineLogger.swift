// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Logging

/// A logger for lines that are written so often that it matters what each costs.
package struct LineLogger: Sendable {
    private let logger: Logger
    /// The logger's own handler, looked at once: a cast for each line takes as long as a part of the line.
    private let handler: LineLogHandler?

    /// Lines of `logger`.
    package init(_ logger: Logger) {
        self.logger = logger
        self.handler = logger.handler as? LineLogHandler
    }

    /// Whether lines of this level are written.
    package func writes(_ level: Logger.Level) -> Bool {
        logger.logLevel <= level
    }

    /// Logs a line of `fields`, which are in the order of the line, perhaps together with the next ones.
    package func log(_ level: Logger.Level, _ message: String, _ fields: consuming LogFields) {
        guard writes(level) else { return }
        if let handler {
            handler.log(level, message, consume fields)
        } else {
            let metadata = fields.fields.map { ($0.name, Logger.MetadataValue.string($0.value)) }
            logger.log(level: level, "\(message)", metadata: Dictionary(metadata) { first, _ in first })
        }
    }
}
