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

/// Writes each log event as one line with one `write(2)`; standard I/O would buffer and split lines.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    package var metadataProvider: Logger.MetadataProvider?
    private let format: LogFormat
    private let descriptor: Int32

    /// A handler that writes to `descriptor`, by default standard output.
    package init(level: Logger.Level, format: LogFormat, descriptor: Int32 = STDOUT_FILENO) {
        self.logLevel = level
        self.format = format
        self.descriptor = descriptor
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let given = event.metadata { fields.merge(given) { _, new in new } }
        if let error = event.error { fields["error"] = "\(error)" }
        if let trace = TraceContext.current { fields["trace_id"] = "\(trace.traceID)" }
        let line = LogLine(
            timestamp: SystemClock().now(),
            level: event.level,
            message: "\(event.message)",
            metadata: fields
        )
        let bytes = format == .json ? line.json : line.text
        LogOutput.write(bytes, to: descriptor)
    }
}
