// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Synchronization
import Testing

@Suite struct IdempotencyServiceTests {
    /// An operation that counts how often it runs, and answers with the count.
    private final class Operation: Sendable {
        private let count = Mutex(0)

        var runs: Int { count.withLock { $0 } }

        func run() -> [UInt8] {
            let number = count.withLock { count in
                count += 1
                return count
            }
            return Array("answer \(number)".utf8)
        }
    }

    private let installation: Installation
    private let ada: User
    private let operation = Operation()

    init() throws {
        // Here the operation counts how often it runs.
        installation = try Installation(undoingTransactions: false)
        ada = try installation.addUser()
    }

    private func run(
        _ key: String = "k",
        for principal: Principal? = nil,
        request: String = "POST /x {}"
    ) async throws -> (reply: String, isReplayed: Bool) {
        let outcome = try await installation.idempotency.run(
            IdempotencyKey(key),
            for: principal ?? installation.token(of: ada),
            request: Array(request.utf8)
        ) { [operation] () async throws(DomainError) in operation.run() }
        return (String(decoding: outcome.reply, as: UTF8.self), outcome.isReplayed)
    }

    @Test func run_withTheSameRequest_answersTheSameAndDoesNothing() async throws {
        #expect(try await run() == ("answer 1", false))
        #expect(try await run() == ("answer 1", true))
        #expect(try await run() == ("answer 1", true))
        #expect(operation.runs == 1)
    }

    @Test func run_withAnotherRequest_isAMismatch() async throws {
        _ = try await run()
        #expect(await failure { try await run(request: "POST /x {} ") }?.code == .idempotencyMismatch)
        #expect(operation.runs == 1)
        #expect(try await run() == ("answer 1", true))
    }

    @Test func run_underAnotherKey_isAnotherOperation() async throws {
        _ = try await run("k")
        #expect(try await run("K") == ("answer 2", false))
    }

    /// What one caller names is not another's; an API key is not its owner.
    @Test func run_byAnotherCaller_isAnotherOperation() async throws {
        _ = try await run()
        let grace = try installation.addUser("grace")
        let callers = [
            try installation.token(of: grace), try await installation.key(of: ada, Grants()),
            try await installation.key(of: ada, Grants()),
        ]
        for (index, caller) in callers.enumerated() {
            #expect(try await run(for: caller) == ("answer \(index + 2)", false))
            #expect(try await run(for: caller) == ("answer \(index + 2)", true))
        }
        #expect(try await run(for: installation.token(of: ada)) == ("answer 1", true))
    }

    @Test func run_whenTheOperationFails_undoesItAndFreesTheKey() async throws {
        let before = installation.store.tables
        let (idempotency, users) = (installation.idempotency, installation.userService)
        let (principal, ada) = (try installation.token(of: ada), ada)
        let key = try IdempotencyKey("k")
        let error = await failure {
            try await idempotency.run(key, for: principal, request: []) { () async throws(DomainError) in
                _ = try await users.change(ada.id, UserChanges(displayName: .set("other")), by: .shell)
                throw DomainError(.conflict, "no")
            }
        }
        #expect(error?.description == "conflict: no")
        #expect(installation.store.tables == before)
        #expect(try await run(request: "another") == ("answer 1", false))
    }

    @Test func run_afterADay_isAnotherOperation() async throws {
        _ = try await run()
        installation.clock.advance(by: .seconds(24 * 3600) - .microseconds(1))
        #expect(try await run() == ("answer 1", true))
        installation.clock.advance(by: .microseconds(1))
        #expect(try await run(request: "another") == ("answer 2", false))
    }

    @Test func run_twiceAtOnce_doesItOnce() async throws {
        async let first = run()
        async let second = run()
        let outcomes = try await [first, second]
        #expect(outcomes.map(\.reply) == ["answer 1", "answer 1"])
        #expect(outcomes.count(where: \.isReplayed) == 1)
        #expect(operation.runs == 1)
    }

    /// The answer that shows an API key is the only place where its secret stands.
    @Test func stored_holdsNeitherAnswerNorKey() async throws {
        let reply = try await run("my-own-key").reply
        let stored = try #require(installation.store.tables.replies.first)
        let text = try #require(stored.value.sealedReply)
        let bytes = [stored.key, stored.value.fingerprint, Array(text.utf8), Base64URL.decode(text[...]) ?? []]
        for secret in [reply, "answer", "my-own-key"] {
            #expect(bytes.allSatisfy { !String(decoding: $0, as: UTF8.self).contains(secret) })
        }
        #expect(stored.key.count == 32 && stored.value.fingerprint.count == 32)
    }

    /// Somebody who can write to the database must not hand one caller the answer of another.
    @Test func stored_answersNoOtherKey() async throws {
        _ = try await run("a")
        _ = try await run("b")
        let replies = installation.store.tables.replies
        let hashes = Array(replies.keys)
        try #require(hashes.count == 2)
        installation.store.tables.replies = [hashes[0]: replies[hashes[1]], hashes[1]: replies[hashes[0]]]
            .compactMapValues { $0 }
        for key in ["a", "b"] { #expect(await failure { try await run(key) }?.code == .internal) }
    }
}
