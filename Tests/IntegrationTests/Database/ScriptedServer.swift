// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Foundation
import Glibc
import Synchronization

/// Speaks PostgreSQL's protocol and fails where a test says so: as a server does whose disk or process dies.
///
/// It answers all statements with no rows, and knows BEGIN, COMMIT and ROLLBACK.
final class ScriptedServer: Sendable {
    /// What of a statement is being answered.
    enum Moment {
        case parse
        case execute
        /// The Sync after it.
        case sync
    }

    struct Failure {
        let severity: String
        let state: String
    }

    /// Given a moment and the statement; nil when nothing is to fail.
    typealias Script = @Sendable (Moment, String) -> Failure?

    let port: UInt16
    private let listener: Int32
    private let ran = Mutex<[String]>([])

    /// The statements that were run, in order.
    var statements: [String] { ran.withLock { $0 } }

    /// What leads there.
    var connectionString: Redacted<String> {
        Redacted("host=127.0.0.1 port=\(port) user=postern dbname=postgres sslmode=disable gssencmode=disable")
    }

    init(_ script: @escaping Script) throws {
        let socket = LoopbackListener()
        (listener, port) = (socket.descriptor, socket.port)
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while case let socket = accept(listener, nil, nil), socket >= 0 {
                Thread.detachNewThread { [weak self] in
                    ScriptedSession(socket: socket, script: script) { statement in
                        self?.ran.withLock { $0.append(statement) }
                    }.serve()
                    close(socket)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}
