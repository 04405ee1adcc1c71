// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

extension ListeningSocket {
    /// Binds a socket file, in the place of one that nobody listens on any more.
    static func listen(path: String) throws(BindFailure) -> Int32 {
        guard let address = UnixSocketAddress(path) else { throw BindFailure(errno: ENAMETOOLONG) }
        try removeStale(path: path, address)

        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BindFailure(errno: errno) }
        // The mode must be right from the start: between a bind and a chmod, everybody could connect.
        let mask = umask(0o117)
        let result = address.withPointer { bind(descriptor, $0, $1) }
        let code = errno
        umask(mask)
        errno = code
        try BindFailure.check(result, closing: descriptor)
        try BindFailure.check(Glibc.listen(descriptor, backlog), closing: descriptor)
        return try raise(descriptor)
    }

    private static func removeStale(path: String, _ address: UnixSocketAddress) throws(BindFailure) {
        guard let file = FileIdentity(path: path) else { return }
        guard file.isSocket else { throw BindFailure(reason: "File exists and is no socket") }

        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw BindFailure(errno: errno) }
        defer { _ = Glibc.close(probe) }
        let result = address.withPointer { connect(probe, $0, $1) }
        // Any other answer, a full queue among them, means that somebody is there or that we cannot know.
        guard result < 0, errno == ECONNREFUSED else { throw BindFailure(errno: result == 0 ? EADDRINUSE : errno) }
        unlink(path)
    }
}
