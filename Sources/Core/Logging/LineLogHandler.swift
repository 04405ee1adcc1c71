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

/// Writes each log event as one line, whole, with a `write(2)`; standard I/O would buffer and split lines.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:] {
        didSet { ownFields = metadata.map { (LogLine.free($0), LogLine.text(of: $1)) } }
    }
    package var logLevel: Logger.Level
    package var metadataProvider: Logger.MetadataProvider?
    /// The handler's metadata as fields.
    private var ownFields: [LogFields.Field] = []
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
        let sorted = fields.sorted { $0.key < $1.key }.map { (LogLine.free($0), LogLine.text(of: $1)) }
        LogOutput.write(line(event.level, "\(event.message)", sorted), to: descriptor)
    }

    /// Writes a line of these fields and of the handler's own, perhaps together with the next ones.
    func log(_ level: Logger.Level, _ message: String, _ fields: consuming LogFields) {
        for (name, value) in ownFields where !fields.contains(name) { fields.append(name, value) }
        if let trace = TraceContext.current { fields.append("trace_id", "\(trace.traceID)") }
        let line = line(level, message, fields.fields)
        if level < .warning {
            LogOutput.writeSoon(line, to: descriptor)
        } else {
            LogOutput.write(line, to: descriptor)
        }
    }

    private func line(_ level: Logger.Level, _ message: String, _ fields: [LogFields.Field]) -> [UInt8] {
        let line = LogLine(timestamp: SystemClock().now(), level: level, message: message, fields: fields)
        return format == .json ? line.json : line.text
    }
}
