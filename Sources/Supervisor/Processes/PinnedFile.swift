// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

/// A copy of the file that `POSTERN_CONFIG` names, as it was when its settings were accepted.
///
/// A worker that is started in place of one that died reads the copy: whatever somebody has written into the file since,
/// it takes effect with a reload, which checks it, and not with the next crash.
package final class PinnedFile: Sendable {
    /// The longest file, in bytes.
    private static let limit = 1 << 20

    let descriptor: Int32

    /// Takes over a copy that another supervisor made.
    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Copies the file at `path`.
    ///
    /// - Throws: ``ConfigurationError`` when it cannot be read.
    package init(copying path: String) throws(ConfigurationError) {
        guard let bytes = Self.read(path) else {
            throw ConfigurationError(SettingKey.configurationFile, "names a file that cannot be read")
        }
        descriptor = clinux_memory_file("postern-settings")
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count else {
            if descriptor >= 0 { close(descriptor) }
            throw ConfigurationError(SettingKey.configurationFile, "cannot be copied into memory")
        }
    }

    deinit {
        close(descriptor)
    }

    /// A path to it from this process and its children, which have no descriptor of their own.
    package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Nil when it cannot be read or is too long.
    private static func read(_ path: String) -> [UInt8]? {
        // Without O_NONBLOCK, a pipe in the file's place would hold the supervisor up.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let size = Glibc.read(file, &buffer, buffer.count)
            guard size >= 0 else { return nil }
            guard size > 0 else { return bytes }
            bytes += buffer.prefix(size)
        }
        return nil
    }
}
