// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

extension ListeningSocket {
    /// How long an address is waited for: a second longer than workers live whose supervisor was killed.
    package static let patience = Duration.seconds(6)
    private static let pause = Duration.milliseconds(50)

    /// Binds an address and listens, if need be when whoever listens there has let go of it.
    ///
    /// - Parameters:
    ///   - address: Where to listen.
    ///   - deadline: Until when the address may be another's.
    ///   - onWait: Is told once, when the address is another's.
    /// - Returns: The socket.
    /// - Throws: ``ListenError``.
    package static func listen(
        on address: ListenAddress,
        waitingUntil deadline: MonotonicTime = .now() + patience,
        onWait: (ListenError) -> Void
    ) throws(ListenError) -> ListeningSocket {
        var isWaiting = false
        while true {
            do throws(ListenError) {
                return try ListeningSocket(address)
            } catch {
                guard error.isTaken, .now() < deadline else { throw error }
                if !isWaiting { onWait(error) }
                isWaiting = true
                usleep(UInt32(pause.microseconds))
            }
        }
    }
}
