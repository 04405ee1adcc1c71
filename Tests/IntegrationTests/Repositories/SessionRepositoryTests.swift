// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct SessionRepositoryTests {
    private func withUser(
        connections: Int = 2,
        _ body: (DatabasePool, PostgresSessionRepository, User) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: connections) { pool in
            let ada = try Sample.user()
            try await PostgresUserRepository(database: pool).create(ada, roles: [BuiltIn.Role.user], linkedTo: nil)
            try await body(pool, PostgresSessionRepository(database: pool), ada)
        }
    }

    private func open(
        _ session: Session,
        _ hash: [UInt8],
        in sessions: PostgresSessionRepository
    ) async throws(DomainError) -> Bool {
        try await sessions.open(session, refreshTokenHash: hash, refreshTokenExpiresAt: session.expiresAt)
    }

    @Test func open_storesSessionAndToken() async throws {
        try await withUser { pool, sessions, ada async throws in
            #expect(try await open(Sample.session(of: ada), Sample.hash(1), in: sessions))
            #expect(try await pool.count("sessions where ended_at is null and last_used_at = created_at") == 1)
            #expect(try await pool.count("refresh_tokens where used_at is null") == 1)
        }
    }

    @Test func open_whenTheUserIsGoneOrNotActive_storesNothing() async throws {
        try await withUser { pool, sessions, ada in
            let stranger = try Sample.user("nobody@example.com")
            #expect(try await !open(Sample.session(of: stranger), Sample.hash(1), in: sessions))
            try await pool.deactivate(ada)
            #expect(try await !open(Sample.session(of: ada), Sample.hash(2), in: sessions))
            #expect(try await pool.count("sessions") == 0)
            #expect(try await pool.count("refresh_tokens") == 0)
        }
    }

    @Test func open_waitsForADeactivationThatIsUnderWay() async throws {
        try await withUser { pool, sessions, ada in
            let opened: Task<Bool, any Error> = try await pool.transaction { transaction in
                try await transaction.deactivate(ada)
                let opening = Task {
                    try await open(Sample.session(of: ada), Sample.hash(1), in: sessions)
                }
                try await DatabaseFixture.eventually { try await transaction.isWaitedFor() }
                return opening
            }
            #expect(try await !opened.value)
            #expect(try await pool.count("sessions") == 0)
        }
    }

    @Test func open_takesALongUserAgent() async throws {
        try await withUser { pool, sessions, ada async throws in
            let session = Session(
                id: .make(at: Sample.now),
                userID: ada.id,
                method: "google",
                userAgent: String(repeating: "ü", count: 4000),
                address: nil,
                createdAt: Sample.now,
                lastUsedAt: Sample.now,
                expiresAt: Sample.now + .seconds(1)
            )
            #expect(try await open(session, Sample.hash(1), in: sessions))
        }
    }

    @Test func consumeLoginState_worksOnce() async throws {
        try await withUser { _, sessions, _ async throws in
            let expiry = Sample.now + .seconds(600)
            #expect(try await sessions.consumeLoginState(hash: Sample.hash(1), expiresAt: expiry))
            #expect(try await !sessions.consumeLoginState(hash: Sample.hash(1), expiresAt: expiry))
            #expect(try await sessions.consumeLoginState(hash: Sample.hash(2), expiresAt: expiry))
        }
    }

    @Test func consumeLoginState_thirtyAtOnce_oneSucceeds() async throws {
        try await withUser(connections: 8) { _, sessions, _ in
            let consumed = try await successes(of: 30) { _ in
                try await sessions.consumeLoginState(hash: Sample.hash(1), expiresAt: Sample.now)
            }
            #expect(consumed == 1)
        }
    }

    @Test func consumeSignInLink_worksOnce_andNotAfterItsTime() async throws {
        try await withUser { _, sessions, ada in
            let expiry = Sample.now + .seconds(600)
            try await sessions.createSignInLink(hash: Sample.hash(1), user: ada.id, expiresAt: expiry)
            #expect(try await sessions.consumeSignInLink(hash: Sample.hash(2), at: Sample.now) == nil)
            #expect(try await sessions.consumeSignInLink(hash: Sample.hash(1), at: expiry) == nil)
            #expect(try await sessions.consumeSignInLink(hash: Sample.hash(1), at: Sample.now) == ada.id)
            #expect(try await sessions.consumeSignInLink(hash: Sample.hash(1), at: Sample.now) == nil)
        }
    }

    @Test func consumeSignInLink_thirtyAtOnce_oneSucceeds() async throws {
        try await withUser(connections: 8) { _, sessions, ada in
            try await sessions.createSignInLink(
                hash: Sample.hash(1),
                user: ada.id,
                expiresAt: Sample.now + .seconds(600)
            )
            let consumed = try await successes(of: 30) { _ in
                try await sessions.consumeSignInLink(hash: Sample.hash(1), at: Sample.now) != nil
            }
            #expect(consumed == 1)
        }
    }

    @Test func createSignInLink_forAnUnknownUser_isNotFound() async throws {
        try await withUser { _, sessions, _ in
            let error = await domainError {
                try await sessions.createSignInLink(
                    hash: Sample.hash(1),
                    user: .make(at: Sample.now),
                    expiresAt: Sample.now
                )
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test func removeExpired_keepsWhatStillCounts() async throws {
        try await withUser { pool, sessions, ada in
            for (index, expiry) in [Sample.now - .seconds(1), Sample.now].enumerated() {
                let hash = Sample.hash(UInt8(index))
                _ = try await sessions.consumeLoginState(hash: hash, expiresAt: expiry)
                try await sessions.createSignInLink(hash: hash, user: ada.id, expiresAt: expiry)
            }
            try await sessions.removeExpired(before: Sample.now)
            #expect(try await pool.count("used_login_states") == 1)
            #expect(try await pool.count("sign_in_links") == 1)
        }
    }
}
