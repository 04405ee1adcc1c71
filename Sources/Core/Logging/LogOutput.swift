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
    private static let droppedLines = Atomic<UInt64>(0)

    /// Writes a line with one `write(2)`.
    ///
    /// A full disk or a full pipe costs the line, never the request.
    package static func write(_ line: [UInt8], to descriptor: Int32) {
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
        if written < line.count { droppedLines.wrappingAdd(1, ordering: .relaxed) }
    }

    /// How many lines were lost, or lost their end, since this was last asked.
    package static func takeDroppedLines() -> UInt64 {
        droppedLines.exchange(0, ordering: .relaxed)
    }
}
