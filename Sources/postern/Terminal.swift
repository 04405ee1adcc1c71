// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import TerminalText

/// Data goes to standard output, so that it can be piped; messages for people go to standard error.
enum Terminal {
    /// Whether standard output is a terminal.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether somebody is there who sees a question and can answer it.
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// - Throws: ``SystemCallError`` when it cannot be written: a secret that is shown once must not get lost in silence.
    static func data(_ text: String) throws(SystemCallError) {
        try send(text + "\n", to: STDOUT_FILENO)
    }

    /// A JSON document: for a terminal without anything that the terminal would obey, else byte for byte.
    ///
    /// - Throws: as ``data(_:)``.
    static func json(_ document: [UInt8]) throws(SystemCallError) {
        let text = String(decoding: document, as: UTF8.self)
        try data(isInteractive ? text.escapedForTerminal() : text)
    }

    /// Text that the terminal shall obey; everything in it that comes from elsewhere is escaped by the caller.
    ///
    /// - Throws: as ``data(_:)``.
    static func control(_ text: String) throws(SystemCallError) {
        try send(text, to: STDOUT_FILENO)
    }

    /// A message may repeat what somebody else wrote; nothing in it but the end of a line is obeyed.
    ///
    /// Where it cannot be written nobody can be told.
    static func message(_ text: String) {
        try? send(text.escapedForTerminal(keeping: ["\n"]) + "\n", to: STDERR_FILENO)
    }

    /// Whether somebody says yes to `question`; anything but `y` and `yes` is a no.
    static func ask(_ question: String) -> Bool {
        try? send(question.escapedForTerminal() + " [y/N] ", to: STDERR_FILENO)
        return ["y", "yes"].contains(readLine()?.lowercased())
    }

    /// Writes at once and unbuffered: progress is for watching.
    private static func send(_ text: String, to descriptor: Int32) throws(SystemCallError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { bytes in write(descriptor, bytes.baseAddress, bytes.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw SystemCallError("write", code: errno)
            }
        }
    }
}
