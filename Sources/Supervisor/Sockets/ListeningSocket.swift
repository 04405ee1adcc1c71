// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

/// The listening socket that all workers share.
///
/// It blocks, because the kernel hands connections out evenly among threads that wait in `accept`. Nobody may call
/// `shutdown` on it: that ends it for every process.
package struct ListeningSocket: Hashable, Sendable {
    /// How many connections may wait to be accepted (the kernel caps it at `net.core.somaxconn`).
    static let backlog: Int32 = 1024

    /// The descriptor, close-on-exec.
    package let descriptor: Int32
    /// Where it listens; a port of 0 is replaced by the one that was free.
    package let address: ListenAddress
    /// Whether the service manager holds it too: then it outlives this process, with the connections in its queue.
    package let isActivated: Bool
    /// Of a socket file: which one it is, so that only our own is ever removed.
    let file: FileIdentity?

    /// Binds the address and listens.
    ///
    /// A socket file that nobody listens on any more is replaced; the new one is for its owner and group (mode 0660).
    /// - Throws: ``ListenError``.
    package init(_ address: ListenAddress) throws(ListenError) {
        do {
            switch address {
            case .tcp(let host, let port):
                let descriptor = try Self.listen(host: host, port: port)
                let bound = ListenAddress.tcp(host: host, port: Self.port(of: descriptor) ?? port)
                self.init(descriptor: descriptor, address: bound)
            case .unix(let path):
                let descriptor = try Self.listen(path: path)
                self.init(descriptor: descriptor, address: address, file: FileIdentity(path: path))
            }
        } catch {
            throw ListenError(place: "\(address)", reason: error.reason, isTaken: error.isTaken)
        }
    }

    /// A socket that listens already.
    package init(descriptor: Int32, address: ListenAddress, isActivated: Bool = false, file: FileIdentity? = nil) {
        self.descriptor = descriptor
        self.address = address
        self.isActivated = isActivated
        self.file = file
    }

    /// Admits no new connection and gives the socket up.
    ///
    /// What waits in its queue is for the processes that still hold
    /// it; when the last has closed it, clients are refused.
    package func close() {
        // Without the filter a client that comes in the very last moment is reset, so its failure is no news. A socket
        // that the service manager keeps must not get it: it would be deaf for the next start too.
        if !isActivated, case .tcp = address { _ = clinux_refuse_connections(descriptor) }
        release()
    }

    /// Gives the socket up; other processes go on with it.
    package func release() {
        if case .unix(let path) = address, let file, FileIdentity(path: path) == file { unlink(path) }
        _ = Glibc.close(descriptor)
    }
}
