// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

extension ListeningSocket {
    /// Binds the first address of the host that exists on this machine.
    static func listen(host: String, port: UInt16) throws(BindFailure) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &found)
        guard result != EAI_SYSTEM else { throw BindFailure(errno: errno) }
        guard result == 0 else { throw BindFailure(reason: String(cString: gai_strerror(result))) }
        defer { freeaddrinfo(found) }

        var failure = BindFailure(errno: EADDRNOTAVAIL)
        var candidate = found
        while let address = candidate?.pointee {
            do throws(BindFailure) {
                return try listen(address)
            } catch {
                failure = error
            }
            candidate = address.ai_next
        }
        throw failure
    }

    private static func listen(_ address: addrinfo) throws(BindFailure) -> Int32 {
        let type = address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, type, address.ai_protocol)
        guard descriptor >= 0 else { throw BindFailure(errno: errno) }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        try BindFailure.check(setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size), closing: descriptor)
        try BindFailure.check(bind(descriptor, address.ai_addr, address.ai_addrlen), closing: descriptor)
        try BindFailure.check(Glibc.listen(descriptor, backlog), closing: descriptor)
        return try raise(descriptor)
    }

    /// The port that a TCP socket is bound to.
    static func port(of descriptor: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &size) }
        }
        guard result == 0 else { return nil }
        // The port stands at the same place in sockaddr_in and sockaddr_in6, in network order.
        return withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
    }

    static func raise(_ descriptor: Int32) throws(BindFailure) -> Int32 {
        do {
            return try Descriptor.raise(descriptor)
        } catch {
            throw BindFailure(reason: error.reason)
        }
    }
}
