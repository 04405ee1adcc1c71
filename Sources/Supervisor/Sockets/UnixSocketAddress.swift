// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// The address of a socket of this host: a path, or a name in the abstract namespace, written with `@` (unix(7)).
struct UnixSocketAddress {
    private var address = sockaddr_un()
    private let size: socklen_t

    /// Nil when the name is too long.
    init?(_ name: String) {
        let isAbstract = name.hasPrefix("@")
        guard !name.isEmpty, name.utf8.count <= ListenAddress.maximumPathLength else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: name.utf8)
            if isAbstract { bytes[0] = 0 }
        }
        // An abstract name is as long as the size says; a path ends with a zero.
        let used = name.utf8.count + (isAbstract ? 0 : 1)
        size = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + used } ?? 0)
    }

    /// Calls `body` with the address as the system calls take it.
    func withPointer<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
