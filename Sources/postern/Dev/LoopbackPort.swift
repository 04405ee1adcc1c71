// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// TCP ports of 127.0.0.1.
enum LoopbackPort {
    /// `port` if nobody listens on it, any free one for 0; nil when there is none.
    static func free(_ port: UInt16) -> UInt16? {
        withSocket(port) { socket, address in
            var reuse: Int32 = 1
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
            guard withAddress(&address, { bind(socket, $0, $1) }) == 0 else { return nil }
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let named = withAddress(&address) { pointer, _ in getsockname(socket, pointer, &length) }
            guard named == 0 else { return nil }
            return UInt16(bigEndian: address.sin_port)
        }
    }

    /// Whether a server listens on `port`.
    static func accepts(_ port: UInt16) -> Bool {
        withSocket(port) { socket, address in withAddress(&address) { connect(socket, $0, $1) } == 0 }
    }

    private static func withSocket<Result>(_ port: UInt16, _ body: (Int32, inout sockaddr_in) -> Result) -> Result {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return body(socket, &address)
    }

    private static func withAddress(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
