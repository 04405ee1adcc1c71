// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that several processes append lines to, and that can be moved away while they do.
package struct LogFile: Hashable, Sendable {
    /// Its absolute path.
    package let path: String
    /// Where to write; it stays the same when the file is opened again (close-on-exec).
    package let descriptor: Int32

    /// Opens the file, and makes it when there is none: for its owner to write and its group to read.
    ///
    /// - Throws: ``SystemCallError``.
    package init(path: String) throws(SystemCallError) {
        self.init(path: path, descriptor: try Self.opened(path))
    }

    /// A file that is open already.
    package init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Opens what is at the path now.
    ///
    /// Lines that are written meanwhile go to the one file or the other, and none is lost.
    /// - Throws: ``SystemCallError``; then the lines go where they went before.
    package func reopen() throws(SystemCallError) {
        let new = try Self.opened(path)
        defer { close(new) }
        guard dup2(new, descriptor) >= 0 else { throw SystemCallError("dup2", code: errno) }
        // dup2 leaves the new one to be inherited.
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw SystemCallError("fcntl", code: errno) }
    }

    private static func opened(_ path: String) throws(SystemCallError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0o640)
        guard descriptor >= 0 else { throw SystemCallError("open", code: errno) }
        return descriptor
    }
}
