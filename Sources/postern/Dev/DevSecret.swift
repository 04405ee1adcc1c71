// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials
import Glibc

/// The secret of a development installation, made at the first run and kept in a file only its owner can read.
struct DevSecret {
    /// The file, for `POSTERN_SECRET_FILE`.
    let path: String

    /// Uses the file at `path`, or makes it from 32 random bytes of the system, in base64.
    init(path: String) throws {
        self.path = path
        guard access(path, F_OK) != 0 else { return }
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        let text = Array((Data(bytes).base64EncodedString() + "\n").utf8)
        // Complete before it has its name: half a secret would be used for ever.
        let new = "\(path).new"
        let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw DevError("cannot write \(path): \(SystemCallError("open", code: errno).reason)") }
        defer { close(file) }
        guard write(file, text, text.count) == text.count, fsync(file) == 0, rename(new, path) == 0 else {
            throw DevError("cannot write \(path): \(SystemCallError("write", code: errno).reason)")
        }
    }
}
