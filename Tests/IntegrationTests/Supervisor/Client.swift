// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// A client that only connects.
enum Client {
    /// Connects and closes; the `errno` of it, 0 for success.
    static func connect(to address: ListenAddress, waits: Bool = true) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | (waits ? 0 : Int32(SOCK_NONBLOCK.rawValue))
        switch address {
        case .tcp(let host, let port):
            var target = sockaddr_in()
            target.sin_family = sa_family_t(AF_INET)
            target.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &target.sin_addr)
            return connect(socket(AF_INET, type, 0), &target)
        case .unix(let path):
            var target = sockaddr_un()
            target.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: path.utf8) }
            return connect(socket(AF_UNIX, type, 0), &target)
        }
    }

    private static func connect<Address>(_ descriptor: Int32, _ target: inout Address) -> Int32 {
        defer { close(descriptor) }
        let size = socklen_t(MemoryLayout<Address>.size)
        let result = withUnsafeBytes(of: &target) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { Glibc.connect(descriptor, $0.baseAddress, size) }
        }
        return result == 0 ? 0 : errno
    }
}
