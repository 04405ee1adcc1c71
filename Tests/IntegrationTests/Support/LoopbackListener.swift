// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A listening TCP socket, and clients of it.
struct LoopbackListener {
    let descriptor: Int32
    private let address: sockaddr_in

    var port: UInt16 { UInt16(bigEndian: address.sin_port) }

    init() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { generic in
                _ = bind(descriptor, generic.baseAddress, size)
                _ = listen(descriptor, 64)
                _ = getsockname(descriptor, generic.baseAddress, &size)
            }
        }
        self.descriptor = descriptor
        self.address = address
    }

    /// Connects; the client's descriptor, or the negated `errno`.
    func connect() -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let result = withUnsafeBytes(of: address) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                Glibc.connect(client, $0.baseAddress, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(client)
            return -code
        }
        return client
    }
}
