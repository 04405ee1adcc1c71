// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials
import Glibc

/// The private PostgreSQL of `postern dev`: its own data directory, a Unix socket only this user can reach, no port.
///
/// It stops when this process does, however that ends. The data stay.
final class EmbeddedPostgres {
    private static let socketPrefix = "/tmp/postern-"

    private let path: String
    private let socketDirectory: String
    private var directory: String
    private var lock: Int32 = -1
    private var server: Companion?

    private var data: String { "\(directory)/data" }

    /// Where PostgreSQL writes its messages.
    var log: String { "\(directory)/server.log" }

    /// What libpq needs to connect.
    ///
    /// The only role is a superuser and there is no password: who may open the socket may connect.
    var connectionString: String { "postgresql:///postgres?host=\(socketDirectory)&user=postern" }

    /// Keeps the data in `directory`, which ``start()`` makes: `.postern/postgres`.
    init(directory: String) throws {
        self.path = directory
        self.directory = directory
        // The path of a socket has at most 107 bytes, and a checkout may lie deeper than that.
        self.socketDirectory = try makeTemporaryDirectory(Self.socketPrefix)
    }

    deinit {
        stop()
    }

    /// Makes the data directory if there is none, starts the server and waits until it takes connections.
    ///
    /// A server that a killed run left behind is stopped first.
    ///
    /// - Throws: ``DevError`` when another `postern dev` uses the directory, PostgreSQL is not installed, or it does not
    ///   start.
    func start() throws {
        let location = try DataLocation.prepare(path)
        directory = location.directory
        try takeLock()
        let binaries = try PostgresBinaries.find(version: dataVersion)
        if access("\(data)/PG_VERSION", F_OK) == 0 {
            try OrphanedPostgres(data: data).remove()
        } else {
            try initialize(binaries, location.account)
        }
        try linkSocketDirectory()
        if let account = location.account { chown(socketDirectory, account.user, account.group) }
        let server = try Companion(
            Program(
                arguments: [
                    binaries.path("postgres"), "-D", data, "-k", socketDirectory, "-c", "listen_addresses=",
                    "-c", "unix_socket_permissions=0700", "-c", "max_connections=700",
                ],
                account: location.account,
                log: log
            ),
            stopSignal: "INT"
        )
        self.server = server
        let isReady = Program(arguments: [binaries.path("pg_isready"), "--quiet", "--host=\(socketDirectory)"])
        var accepts = false
        _ = try waitUntil(.seconds(60)) {
            accepts = try isReady.run()
            return accepts || !server.isRunning
        }
        guard accepts else {
            stop()
            throw DevError("PostgreSQL did not start; its messages are in \(log)")
        }
    }

    /// Stops the server with PostgreSQL's "fast shutdown" and waits for it; doing it twice is harmless.
    func stop() {
        server?.stop(within: .seconds(30))
        server = nil
        try? FileManager.default.removeItem(atPath: socketDirectory)
        if lock >= 0 { close(lock) }
        lock = -1
    }

    /// `socket` leads to the socket's directory, for people; and for us, should this run not get to remove that.
    private func linkSocketDirectory() throws {
        let link = "\(directory)/socket"
        if let old = try? FileManager.default.destinationOfSymbolicLink(atPath: link), old.hasPrefix(Self.socketPrefix)
        {
            try? FileManager.default.removeItem(atPath: old)
        }
        unlink(link)
        guard symlink(socketDirectory, link) == 0 else { throw SystemCallError("symlink", code: errno) }
    }

    private var dataVersion: String? {
        FileManager.default.contents(atPath: "\(data)/PG_VERSION").map {
            String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
    }

    /// Two servers on the same data would be one too many, and stopping an orphan must not hit a server in use.
    private func takeLock() throws {
        let path = "\(directory)/lock"
        lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw DevError("cannot write \(path): \(SystemCallError("open", code: errno).reason)") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw DevError("another postern dev is running with the data in \(directory)")
        }
    }

    /// The new directory gets its name only when it is complete, so that an interruption leaves nothing half made.
    private func initialize(_ binaries: PostgresBinaries, _ account: Account?) throws {
        let new = "\(data).new"
        try? FileManager.default.removeItem(atPath: new)
        let initdb = Program(
            arguments: [
                binaries.path("initdb"), "--pgdata=\(new)", "--username=postern", "--auth=trust", "--encoding=UTF8",
                "--locale=C.UTF-8",
            ],
            account: account,
            log: log
        )
        guard try initdb.run() else { throw DevError("initdb failed; its messages are in \(log)") }
        guard rename(new, data) == 0 else { throw SystemCallError("rename", code: errno) }
    }
}
