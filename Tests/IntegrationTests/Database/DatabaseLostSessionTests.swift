// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Synchronization
import Testing

/// What becomes of changes whose session ends, with whatever state the server gives as the reason.
@Suite struct DatabaseLostSessionTests {
    typealias Failure = ScriptedServer.Failure

    private func withPool(_ server: ScriptedServer, _ body: (DatabasePool) async throws -> Void) async throws {
        try await DatabaseFixture.withPool {
            $0.connectionString = server.connectionString
            $0.connections = 1
            $0.acquireTimeout = .seconds(1)
        } _: { pool in
            try await body(pool)
        }
    }

    /// The log cannot be written, or was not synced: the commit record may be on the disk all the same.
    @Test(arguments: ["58030", "53100"], [ScriptedServer.Moment.execute, .sync])
    func write_whenTheServerPanics_hasAnUnknownOutcomeAndIsNotRepeated(
        state: String,
        moment: ScriptedServer.Moment
    ) async throws {
        let server = try ScriptedServer {
            $0 == moment && $1 == "write" ? Failure(severity: "PANIC", state: state) : nil
        }
        try await withPool(server) { pool in
            let error = await databaseError { _ = try await pool.execute(.write("write")) }
            #expect(error?.code == .outcomeUnknown)
            #expect(error?.sqlState?.rawValue == state)
            #expect(server.statements.count { $0 == "write" } == (moment == .sync ? 1 : 0))
        }
    }

    @Test(arguments: ["58030", "53100"])
    func commit_whenTheServerPanics_hasAnUnknownOutcomeAndIsNotRepeated(state: String) async throws {
        let server = try ScriptedServer {
            $0 == .execute && $1 == "commit" ? Failure(severity: "PANIC", state: state) : nil
        }
        try await withPool(server) { pool in
            let error = await databaseError {
                try await pool.transaction { _ = try await $0.execute(.write("write")) }
            }
            #expect(error?.code == .outcomeUnknown)
            #expect(server.statements.count { $0 == "write" } == 1)
        }
    }

    /// The first of a group was run, and nobody knows whether it was committed.
    @Test(arguments: [
        (ScriptedServer.Moment.sync, "PANIC", "58030"), (.execute, "PANIC", "53100"), (.parse, "FATAL", "57P01"),
        (.parse, "PANIC", "58030"),
    ]) func groupedWrites_whenTheSessionEnds_haveAnUnknownOutcomeAndAreNotRepeated(
        moment: ScriptedServer.Moment,
        severity: String,
        state: String
    ) async throws {
        let server = try ScriptedServer {
            $0 == moment && $1 == "second" ? Failure(severity: severity, state: state) : nil
        }
        let answers = try await DatabaseFixture.answers(
            toGroup: [.groupedWrite("first"), .groupedWrite("second")],
            configure: { $0.connectionString = server.connectionString }
        )
        #expect(answers.count == 2)
        for answer in answers {
            #expect(throws: DatabaseError.self) { try answer.get() }
            if case .failure(let error) = answer { #expect(error.code == .outcomeUnknown) }
        }
        #expect(server.statements.count { $0 == "first" } == 1)
    }

    /// Deadlines of the session, a database that is dropped, and others that have no meaning of their own here.
    @Test(arguments: ["25P03", "25P04", "57P04", "57P05", "53200", "XX000"])
    func transaction_whenTheSessionIsEndedBeforeTheCommit_runsAgain(state: String) async throws {
        let failure = Mutex<Failure?>(Failure(severity: "FATAL", state: state))
        let server = try ScriptedServer { moment, statement in
            moment == .execute && statement == "write" ? failure.withLock { $0.take() } : nil
        }
        try await withPool(server) { pool in
            try await pool.transaction { _ = try await $0.execute(.write("write")) }
            #expect(server.statements.suffix(3) == ["begin isolation level read committed", "write", "commit"])
        }
    }

    @Test func read_whenItsSessionEnds_isRunOnceMore() async throws {
        let failure = Mutex<Failure?>(Failure(severity: "FATAL", state: "57P05"))
        let server = try ScriptedServer { moment, statement in
            moment == .execute && statement == "read" ? failure.withLock { $0.take() } : nil
        }
        try await withPool(server) { pool in
            _ = try await pool.execute(.read("read"))
            #expect(server.statements.last == "read")
        }
    }

    @Test func write_whenTheServerRefusesIt_failsForCertain_andTheSessionStays() async throws {
        let server = try ScriptedServer {
            $0 == .execute && $1 == "write" ? Failure(severity: "ERROR", state: "53100") : nil
        }
        try await withPool(server) { pool in
            let error = await databaseError { _ = try await pool.execute(.write("write")) }
            #expect(error?.code == .unavailable)
            _ = try await pool.execute(.read("read"))
            // The first one sets a session up.
            #expect(server.statements.count == 2)
        }
    }
}
