// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Core
import Glibc

/// Threads for calls that block, which must never stand on an event loop or in Swift's task pool.
package enum PlainThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts a detached thread.
    ///
    /// - Parameters:
    ///   - name: Its name in `ps -L`, at most 15 bytes.
    ///   - body: What it runs.
    /// - Throws: ``SystemCallError`` when the system has no room for another thread.
    package static func start(named name: String, _ body: @escaping @Sendable () -> Void) throws(SystemCallError) {
        let context = Unmanaged.passRetained(
            Body {
                _ = clinux_set_thread_name(name)
                body()
            }
        )
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            },
            context.toOpaque()
        )
        guard result == 0 else {
            context.release()
            throw SystemCallError("pthread_create", code: result)
        }
        pthread_detach(thread)
    }
}
