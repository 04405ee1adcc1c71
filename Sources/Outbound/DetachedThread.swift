// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A detached thread of the operating system, for work that blocks: Swift's own threads must not.
enum DetachedThread {
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Runs `body` on a new thread that takes no signals; false when the system gives no thread.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))

        // A new thread inherits the mask. Signals are for the threads that wait for them, and SIGPIPE is for nobody:
        // OpenSSL may write to a socket that the other side has closed.
        var every = sigset_t()
        var previous = sigset_t()
        sigfillset(&every)
        pthread_sigmask(SIG_SETMASK, &every, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

        let start = Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            &attributes,
            { start in
                start.map { Unmanaged<Start>.fromOpaque($0).takeRetainedValue().body() }
                return nil
            },
            start.toOpaque()
        )
        if result != 0 { start.release() }
        return result == 0
    }
}
