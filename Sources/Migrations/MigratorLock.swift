// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database

/// The lock of which one migrator of a database holds at a time.
///
/// It belongs to the session and goes with it, however that ends.
struct MigratorLock {
    /// "postern" in ASCII.
    ///
    /// Advisory locks are per database, so the key only has to differ from other programs' there.
    private static let key: Int64 = 0x70_6F73_7465_726E
    private static let take = Statement.write("select pg_try_advisory_lock($1)")
    private static let giveBack = Statement.write("select pg_advisory_unlock($1)")

    let connection: BlockingConnection
    let patience: Duration
    let report: (MigrationEvent) -> Void

    /// Runs `body` while no other migrator works.
    func whileHeld<Value>(_ body: () throws -> Value) throws -> Value {
        try wait()
        defer { _ = try? connection.execute(Self.giveBack, [.integer(Self.key)]) }
        return try body()
    }

    /// Takes the lock by asking again and again.
    ///
    /// A migrator that waited *inside* `pg_advisory_lock` would hold a transaction, and `create index concurrently` of
    /// the one that works would wait for that transaction: both for ever.
    private func wait() throws {
        let start = MonotonicTime.now()
        var nextReport = start
        while try connection.execute(Self.take, [.integer(Self.key)]).first?.decode(0) != true {
            let now = MonotonicTime.now()
            guard now < start + patience else {
                throw MigrationError(
                    .lockTimeout,
                    "another process has been migrating this database for \(patience.milliseconds / 1000) s"
                )
            }
            if now >= nextReport {
                report(.waitingForLock)
                nextReport = now + .seconds(5)
            }
            Pause.wait(.milliseconds(200))
        }
    }
}
