// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The other end of a connection.
package struct Peer: Hashable, Sendable {
    /// Its address; nil when the connection goes through a socket file.
    let address: IPAddress?

    /// The other end of a connection, by the address of its socket.
    package init(_ socket: SocketAddress) {
        // By their places in the structures (ip(7), ipv6(7)): who declares the members for Swift depends on the build.
        address =
            switch socket {
            case .v4(let socket): withUnsafeBytes(of: socket.address) { IPAddress(networkBytes: $0[4..<8]) }
            case .v6(let socket): withUnsafeBytes(of: socket.address) { IPAddress(networkBytes: $0[8..<24]) }
            case .unixDomainSocket: nil
            }
    }
}
