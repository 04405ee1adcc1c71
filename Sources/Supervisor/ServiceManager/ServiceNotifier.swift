// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// Tells the service manager how the service is, if one wants to know.
struct ServiceNotifier {
    /// How long a service manager that does not read may hold the supervisor up.
    private static let patience = timeval(tv_sec: 1, tv_usec: 0)

    private let address: UnixSocketAddress
    private let descriptor: Int32

    /// Nil when nobody wants to know.
    init?(_ environment: ServiceEnvironment) throws(SystemCallError) {
        guard let address = environment.notifySocket.flatMap({ UnixSocketAddress($0) }) else { return nil }
        self.address = address
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemCallError("socket", code: errno) }
        var patience = Self.patience
        let size = socklen_t(MemoryLayout<timeval>.size)
        guard setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size) == 0 else {
            throw SystemCallError("setsockopt", code: errno)
        }
    }

    func send(_ message: ServiceMessage) throws(SystemCallError) {
        let bytes = Array(message.text.utf8)
        let sent = address.withPointer { address, size in
            sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, size)
        }
        guard sent == bytes.count else { throw SystemCallError("sendto", code: errno) }
    }
}
