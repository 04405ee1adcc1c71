// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Glibc
import Testing

/// What connections are like, and to which host they lead.
@Suite struct DatabaseSessionTests {
    private static let settings = [
        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "client_connection_check_interval",
    ]

    private func settings(of pool: DatabasePool) async throws -> [String] {
        try await pool.execute(
            .read("select current_setting(name) from unnest($1::text[]) with ordinality as t (name, n) order by n"),
            [.textArray(Self.settings)]
        ).rows.map { row throws in try row.decode(0) }
    }

    @Test func session_hasDeadlines_alsoTheServersOwn() async throws {
        let found = try await DatabaseFixture.withPool {
            $0.statementTimeout = .seconds(5)
        } _: {
            try await settings(of: $0)
        }
        #expect(found == ["4500ms", "2s", "10s", "2s"])
    }

    @Test func session_behindAPooler_isLeftAlone() async throws {
        let found = try await DatabaseFixture.withPool {
            $0.preparesStatements = false
        } _: {
            try await settings(of: $0)
        }
        #expect(found == ["0", "0", "0", "0"])
    }

    @Test func statement_whenItIsSlow_isEndedByTheServer_andItsConnectionStays() async throws {
        try await DatabaseFixture.withPool {
            $0.connections = 1
            $0.statementTimeout = .seconds(1)
        } _: { pool in
            let pid = Statement.read("select pg_backend_pid()")
            let before = try await pool.execute(pid).first?.decode(0, as: Int.self)
            let error = await databaseError { _ = try await pool.execute(.read("select pg_sleep(9)")) }
            #expect(error?.code == .timeout && error?.sqlState == .queryCanceled)
            #expect(try await pool.execute(pid).first?.decode(0, as: Int.self) == before)
        }
    }

    @Test func connection_whenItsLifeIsOver_isReplacedWithoutAFailure() async throws {
        try await DatabaseFixture.withPool {
            $0.connectionLifetime = .milliseconds(50)
        } _: { pool in
            var pids: Set<Int> = []
            try await DatabaseFixture.eventually {
                if let pid = try await pool.execute(.read("select pg_backend_pid()")).first?.decode(0, as: Int.self) {
                    pids.insert(pid)
                }
                return pids.count > 6
            }
        }
    }

    /// A listener that takes connections and says nothing, as a server whose processes are stopped does.
    private func withSilentHost<Value>(_ body: (UInt16, Int32) async throws -> Value) async throws -> Value {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listener >= 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        try #require(isListening)
        return try await body(UInt16(bigEndian: address.sin_port), listener)
    }

    /// The folder of the server's socket, and its port.
    private func place() throws -> (directory: String, port: String) {
        let local = try DatabaseFixture.blockingConnection().execute(
            .read("select split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port')")
        ).first
        return (try #require(try local?.decode(0)), try #require(try local?.decode(1)))
    }

    @Test func pool_whenAHostHangsBehindOneThatIsPassedOver_goesToTheNextAtOnce() async throws {
        let (directory, port) = try place()
        try await withSilentHost { silentPort, listener in
            // The first has no socket: libpq passes over it within the call that begins to connect.
            let string = """
                host=/nonexistent,127.0.0.1,\(directory) port=5432,\(silentPort),\(port) user=postern dbname=postgres
                """
            try await DatabaseFixture.withPool {
                $0.connectionString = Redacted(string)
                $0.connectTimeout = .seconds(1)
                $0.connections = 1
            } _: { pool in
                _ = try await pool.execute(.read("select 1"))
            }
            // Not waited for: whoever came is there.
            _ = fcntl(listener, F_SETFL, O_NONBLOCK)
            var visits = 0
            while case let visitor = accept(listener, nil, nil), visitor >= 0 {
                visits += 1
                close(visitor)
            }
            #expect(visits == 1)
        }
    }

    @Test func pool_whenTheFirstHostHangs_goesToTheNext_andStaysWithIt() async throws {
        let (directory, port) = try place()
        try await withSilentHost { silentPort, _ in
            let string = "host=127.0.0.1,\(directory) port=\(silentPort),\(port) user=postern dbname=postgres"
            try await DatabaseFixture.withPool {
                $0.connectionString = Redacted(string)
                $0.connectTimeout = .seconds(4)
                $0.connections = 3
            } _: { pool in
                // Three transactions at once: all connections are up, and none took its time with the first host.
                let start = MonotonicTime.now()
                try await pool.transaction { _ in
                    try await pool.transaction { _ in try await pool.transaction { _ in } }
                }
                #expect(MonotonicTime.now() - start < .seconds(4))
            }
        }
    }
}
