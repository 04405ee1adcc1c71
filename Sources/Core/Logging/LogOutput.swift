// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where the lines of this process's log go: those that cannot be written are counted, and nobody waits for them.
package enum LogOutput {
    /// Lines that wait to be written together.
    private struct Waiting {
        var bytes: [UInt8] = []
        var lines: UInt64 = 0
        var descriptor: Int32 = -1
        /// Whether somebody writes what waits.
        var isGathering = false
    }

    private static let droppedLines = Atomic<UInt64>(0)
    private static let waiting = Mutex(Waiting())

    /// From now on lines may wait for others, since the caller calls ``flush()`` again and again.
    package static func gather() {
        waiting.withLock { $0.isGathering = true }
    }

    /// Writes a line with one `write(2)`, behind those that wait.
    ///
    /// A full disk or a full pipe costs the line, never the request.
    package static func write(_ line: [UInt8], to descriptor: Int32) {
        waiting.withLock { waiting in
            flush(&waiting)
            write(line, lines: 1, to: descriptor)
        }
    }

    /// Writes a line together with others, if there are any, in one `write(2)` of at most ``LogLine/maximumLength`` bytes.
    ///
    /// What waits is lost when the process is killed meanwhile, so this is for lines that no one looks for after a crash.
    package static func writeSoon(_ line: [UInt8], to descriptor: Int32) {
        waiting.withLock { waiting in
            guard waiting.isGathering else { return write(line, lines: 1, to: descriptor) }
            if waiting.bytes.count + line.count > LogLine.maximumLength || waiting.descriptor != descriptor {
                flush(&waiting)
            }
            waiting.bytes.append(contentsOf: line)
            waiting.lines += 1
            waiting.descriptor = descriptor
        }
    }

    /// Writes what waits.
    package static func flush() {
        waiting.withLock { flush(&$0) }
    }

    private static func flush(_ waiting: inout Waiting) {
        guard !waiting.bytes.isEmpty else { return }
        write(waiting.bytes, lines: waiting.lines, to: waiting.descriptor)
        waiting.bytes.removeAll(keepingCapacity: true)
        waiting.lines = 0
    }

    private static func write(_ line: [UInt8], lines: UInt64, to descriptor: Int32) {
        let written = line.withUnsafeBytes { bytes in
            var written: Int
            repeat {
                #if canImport(Glibc)
                written = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
                #elseif canImport(Musl)
                written = Musl.write(descriptor, bytes.baseAddress, bytes.count)
                #else
                written = Darwin.write(descriptor, bytes.baseAddress, bytes.count)
                #endif
            } while written < 0 && errno == EINTR
            return written
        }
        if written < line.count { droppedLines.wrappingAdd(lines, ordering: .relaxed) }
    }

    /// How many lines were lost, or lost their end, since this was last asked.
    package static func takeDroppedLines() -> UInt64 {
        droppedLines.exchange(0, ordering: .relaxed)
    }
}
