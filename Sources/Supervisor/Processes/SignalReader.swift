// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

/// The signals of the supervisor, read one after another from a descriptor.
///
/// There is no signal handler, so nothing ever runs in the middle of something else.
struct SignalReader {
    /// What has a meaning; everything else does what it does to any process.
    private static let numbers = [
        SIGTERM, SIGQUIT, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU, SIGCHLD,
    ]

    let descriptor: Int32

    /// Blocks the signals that are read here; the calling thread must be the only one.
    ///
    /// They stay blocked, and those that came stay pending, when another program takes this one's place.
    init() throws(SystemCallError) {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in Self.numbers { sigaddset(&signals, number) }
        let blocked = pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard blocked == 0 else { throw SystemCallError("pthread_sigmask", code: blocked) }
        // An inherited "ignore" would let children vanish unseen, or make the service unstoppable.
        signal(SIGCHLD, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGWINCH, SIG_IGN)
        descriptor = clinux_signal_descriptor(&signals)
        guard descriptor >= 0 else { throw SystemCallError("signalfd", code: -descriptor) }
    }

    /// The next signal that came; nil when there is none.
    func next() throws(SystemCallError) -> Int32? {
        let number = clinux_read_signal(descriptor)
        guard number >= 0 else { throw SystemCallError("read", code: -number) }
        return number == 0 ? nil : number
    }

    func close() {
        _ = Glibc.close(descriptor)
    }
}
