// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Data goes to standard output, so that it can be piped; messages for people go to standard error.
enum Terminal {
    /// Whether standard output is a terminal.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    static func data(_ text: String) {
        send(text, to: STDOUT_FILENO)
    }

    static func message(_ text: String) {
        send(text, to: STDERR_FILENO)
    }

    /// Writes at once and unbuffered: progress is for watching.
    private static func send(_ text: String, to descriptor: Int32) {
        var rest = Array((text + "\n").utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { bytes in write(descriptor, bytes.baseAddress, bytes.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return
            }
        }
    }
}
