// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// A program's file, held open: what was checked is what is run, whatever happens to the path meanwhile.
package final class PinnedProgram {
    let descriptor: Int32

    /// Opens the file at `path`.
    ///
    /// - Throws: ``SystemCallError`` when it cannot be read.
    package init(path: String) throws(SystemCallError) {
        // Without O_NONBLOCK, a pipe in the program's place would hold the supervisor up.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemCallError("open", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// A path to it from this process and its children, which have no descriptor of their own.
    var path: String { "/proc/\(getpid())/fd/\(descriptor)" }
}
