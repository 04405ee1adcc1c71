// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

/// How a worker takes signals: SIGTERM and SIGQUIT can be read and mean "drain", SIGUSR1 "open the log file again"; the
/// rest is the supervisor's business.
package enum WorkerSignals {
    /// Blocks the signals that can be read and ignores the others.
    ///
    /// The process must have no other thread yet, since threads inherit what is blocked.
    /// - Returns: A descriptor for ``SupervisorLink``.
    /// - Throws: ``SystemCallError``.
    package static func take() throws(SystemCallError) -> Int32 {
        for number in [SIGINT, SIGHUP, SIGUSR2, SIGPIPE, SIGTTIN, SIGTTOU, SIGWINCH] { signal(number, SIG_IGN) }
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGQUIT, SIGUSR1] { sigaddset(&signals, number) }
        let blocked = pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard blocked == 0 else { throw SystemCallError("pthread_sigmask", code: blocked) }
        let descriptor = clinux_signal_descriptor(&signals)
        guard descriptor >= 0 else { throw SystemCallError("signalfd", code: -descriptor) }
        return descriptor
    }
}
