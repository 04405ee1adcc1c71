// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc

/// SIGINT and SIGTERM as something to ask for: they are blocked, and wait until somebody takes them.
struct StopSignals {
    private var signals = sigset_t()

    /// Must be made before the process has a second thread, because threads inherit what is blocked.
    init() throws {
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
        let code = pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard code == 0 else { throw SystemCallError("pthread_sigmask", code: code) }
    }

    /// Waits for one of them, at most so long.
    func arrived(within limit: Duration) -> Bool {
        var signals = signals
        var time = timespec()
        time.tv_sec = Int(limit.components.seconds)
        time.tv_nsec = Int(limit.components.attoseconds / 1_000_000_000)
        return sigtimedwait(&signals, nil, &time) > 0
    }
}
