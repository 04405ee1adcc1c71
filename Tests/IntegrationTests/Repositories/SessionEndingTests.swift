// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct SessionEndingTests {
    private static let later = Sample.now + .seconds(60)

    /// Two sessions of Ada, the second one newer, and one of Grace.
    private func withSessions(
        _ body: (DatabasePool, PostgresSessionRepository, _ adas: [Session], _ graces: Session) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            let sessions = PostgresSessionRepository(database: pool)
            var opened: [Session] = []
            let (ada, grace) = (try Sample.user(), try Sample.user("grace@example.com"))
            for user in [ada, grace] { try await users.create(user, roles: [], linkedTo: nil) }
            for (index, user) in [ada, ada, grace].enumerated() {
                let session = Sample.session(of: user)
                let isOpen = try await sessions.open(
                    session,
                    refreshTokenHash: Sample.hash(UInt8(index)),
                    refreshTokenExpiresAt: session.expiresAt
                )
                try #require(isOpen)
                opened.append(session)
            }
            try await body(pool, sessions, Array(opened.prefix(2)), opened[2])
        }
    }

    @Test func list_showsWhatIsGood_newestFirst_pageByPage() async throws {
        try await withSessions { _, sessions, adas, _ async throws in
            let ada = adas[0].userID
            let newest = adas.sorted { $0.id.description > $1.id.description }
            #expect(try await sessions.list(of: ada, at: Self.later, after: nil, limit: 9) == newest)
            #expect(try await sessions.list(of: ada, at: Self.later, after: nil, limit: 1) == [newest[0]])
            #expect(try await sessions.list(of: ada, at: Self.later, after: newest[0].id, limit: 9) == [newest[1]])
            #expect(try await sessions.list(of: ada, at: adas[0].expiresAt, after: nil, limit: 9).isEmpty)
            #expect(try await sessions.end(adas[0].id, of: ada, at: Self.later))
            #expect(try await sessions.list(of: ada, at: Self.later, after: nil, limit: 9) == [adas[1]])
        }
    }

    @Test func end_endsOneSession_onceAndOfItsUserAlone() async throws {
        try await withSessions { pool, sessions, adas, graces async throws in
            #expect(try await !sessions.end(adas[0].id, of: graces.userID, at: Self.later))
            #expect(try await !sessions.end(adas[0].id, of: adas[0].userID, at: adas[0].expiresAt))
            #expect(try await sessions.find(adas[0].id) == adas[0])
            #expect(try await sessions.end(adas[0].id, of: adas[0].userID, at: Self.later))
            #expect(try await sessions.find(adas[0].id) == nil)
            #expect(try await !sessions.end(adas[0].id, of: adas[0].userID, at: Self.later))
            #expect(try await pool.count("sessions where ended_at is null") == 2)
            #expect(try await sessions.session(refreshTokenHash: Sample.hash(0)) == nil)
            #expect(try await sessions.session(refreshTokenHash: Sample.hash(1)) == adas[1])
        }
    }

    @Test func endAll_endsThoseOfOneUser() async throws {
        try await withSessions { pool, sessions, adas, graces async throws in
            try await sessions.endAll(of: adas[0].userID, at: Self.later)
            #expect(try await pool.count("sessions where ended_at is null") == 1)
            #expect(try await sessions.session(refreshTokenHash: Sample.hash(2)) == graces)
        }
    }

    @Test func changeOfTheUser_whoIsNotActiveAfterIt_endsAllSessions() async throws {
        try await withSessions { pool, _, adas, _ async throws in
            let users = PostgresUserRepository(database: pool)
            let ada = try #require(await users.profile(of: adas[0].userID)).user
            #expect(try await users.change(ada))
            #expect(try await pool.count("sessions where ended_at is null") == 3)
            let inactive = User(
                id: ada.id,
                email: ada.email,
                isEmailVerified: true,
                displayName: nil,
                isActive: false,
                createdAt: ada.createdAt,
                updatedAt: Self.later
            )
            #expect(try await users.change(inactive))
            #expect(try await pool.count("sessions where ended_at is null") == 1)
        }
    }
}
