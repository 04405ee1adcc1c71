// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

extension ListeningSocket {
    /// Takes over a socket that the service manager handed in.
    ///
    /// - Throws: ``ListenError`` when it is no socket that listens for connections.
    package init(activated inherited: Int32) throws(ListenError) {
        let place = "the socket that the service manager handed in"
        guard
            Self.option(SO_TYPE, of: inherited) == Int32(SOCK_STREAM.rawValue),
            Self.option(SO_ACCEPTCONN, of: inherited) == 1,
            let address = Self.address(of: inherited)
        else { throw ListenError(place: place, reason: "not a stream socket that listens") }
        do throws(BindFailure) {
            let descriptor = try Self.raise(inherited)
            // Its flags are those of all who hold it; the workers wait in accept.
            let flags = fcntl(descriptor, F_GETFL)
            try BindFailure.check(fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK), closing: descriptor)
            self.init(descriptor: descriptor, address: address, isActivated: true)
        } catch {
            throw ListenError(place: place, reason: error.reason)
        }
    }

    private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    /// Where a socket is bound; nil for another kind than TCP and socket files.
    private static func address(of descriptor: Int32) -> ListenAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &size) }
        }
        guard result == 0 else { return nil }
        return withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET, AF_INET6: tcp(bytes, size)
            case AF_UNIX:
                .unix(path: String(decoding: bytes[2..<Int(size)].prefix { $0 != 0 }, as: UTF8.self))
            default: nil
            }
        }
    }

    private static func tcp(_ bytes: UnsafeRawBufferPointer, _ size: socklen_t) -> ListenAddress? {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = bytes.withMemoryRebound(to: sockaddr.self) { address in
            getnameinfo(address.baseAddress, size, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
        }
        guard result == 0 else { return nil }
        // The port stands at the same place in sockaddr_in and sockaddr_in6, in network order.
        let port = UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
        let name = host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return .tcp(host: String(decoding: name, as: UTF8.self), port: port)
    }
}
