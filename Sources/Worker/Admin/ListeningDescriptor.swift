// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A descriptor that should be a listening socket.
struct ListeningDescriptor: Hashable, Sendable {
    /// Where `tcpi_unacked` stands in `struct tcp_info`, which is part of the kernel's interface (tcp(7)).
    private static let unackedOffset = 24

    private let descriptor: Int32

    /// Nil when it is none.
    init?(_ descriptor: Int32) {
        self.descriptor = descriptor
        guard isListening else { return nil }
    }

    /// How many connections wait to be accepted; nil when the system does not tell.
    var queueLength: Int? {
        // When a worker drains, it closes its copy, and the number may be that of something else by now.
        guard isListening else { return nil }
        var info = [UInt8](repeating: 0, count: 256)
        var size = socklen_t(info.count)
        guard
            getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0,
            Int(size) >= Self.unackedOffset + 4
        else { return nil }
        return info.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: Self.unackedOffset, as: UInt32.self)) }
    }

    private var isListening: Bool {
        var accepts: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0 && accepts == 1
    }
}
