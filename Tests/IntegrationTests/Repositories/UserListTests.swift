// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct UserListTests {
    private struct Endless: Error {}

    /// Every user that `filter` lets pass, page after page.
    private func walk(
        _ users: PostgresUserRepository,
        _ filter: UserFilter,
        limit: Int = 2,
        betweenPages: (Int) async throws -> Void = { _ in }
    ) async throws -> [UserListItem] {
        var all: [UserListItem] = []
        for page in 0..<200 {
            let items = try await users.list(filter, after: all.last?.place, limit: limit)
            #expect(items.count <= limit)
            all += items
            if items.count < limit { return all }
            try await betweenPages(page)
        }
        throw Endless()
    }

    /// Seven users, every third of them not active, every second one an editor; oldest first.
    private func withUsers(
        _ body: (DatabasePool, PostgresUserRepository, [User]) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated(connections: 4) { pool in
            let users = PostgresUserRepository(database: pool)
            try await pool.addRole("editor", permissions: [])
            var made: [User] = []
            for index in 0..<7 {
                let user = try Sample.user(
                    "user\(index)@example.com",
                    isActive: index % 3 != 0,
                    displayName: "Person \(index)",
                    createdAt: Sample.now + .seconds(index)
                )
                try await users.create(user, roles: index % 2 == 0 ? ["user", "editor"] : ["user"], linkedTo: nil)
                made.append(user)
            }
            try await body(pool, users, made)
        }
    }

    @Test func list_withoutFilter_isEveryoneNewestFirst_withTheirRoles() async throws {
        try await withUsers { _, users, made async throws in
            let items = try await walk(users, UserFilter())
            #expect(items.map(\.user) == made.reversed())
            #expect(items.first?.roles.sorted() == ["editor", "user"])
            #expect(items.dropFirst().first?.roles == ["user"])
            #expect(items.allSatisfy { $0.place == .init(id: $0.user.id) })
        }
    }

    @Test func list_byActivity_isThoseAlone() async throws {
        try await withUsers { _, users, made async throws in
            for isActive in [true, false] {
                let items = try await walk(users, UserFilter(isActive: isActive))
                #expect(items.map(\.user) == made.filter { $0.isActive == isActive }.reversed())
            }
        }
    }

    @Test func list_byRole_isWhoHoldsIt_withAllTheirRoles() async throws {
        try await withUsers { pool, users, made async throws in
            let editor = try #require(await PostgresRoleRepository(database: pool).find(names: ["editor"]).first)
            let items = try await walk(users, UserFilter(role: editor.id))
            #expect(items.map(\.user) == [made[6], made[4], made[2], made[0]])
            #expect(items.allSatisfy { $0.roles.sorted() == ["editor", "user"] })
            #expect(try await users.list(UserFilter(role: .make(at: Sample.now)), after: nil, limit: 5).isEmpty)
        }
    }

    @Test func list_byText_isSortedByTheWordFound() async throws {
        try await withUsers { _, users, made async throws in
            let items = try await walk(users, UserFilter(text: "PERSON"))
            #expect(items.map(\.user) == made)
            #expect(items.map(\.place.term) == (0..<7).map { "person \($0)" })
            #expect(items.first?.roles.sorted() == ["editor", "user"])
            let everyone = try await walk(users, UserFilter(text: "@example.com"))
            #expect(everyone.map(\.user) == made)
        }
    }

    @Test func list_byTextAndActivity_isThoseAlone() async throws {
        try await withUsers { _, users, made async throws in
            for isActive in [true, false] {
                let items = try await walk(users, UserFilter(text: "person", isActive: isActive))
                #expect(items.map(\.user) == made.filter { $0.isActive == isActive })
            }
        }
    }

    @Test func list_afterAPlaceOfAnotherKindOfList_namesTheCursor() async throws {
        try await withUsers { _, users, made async throws in
            let plain = UserListItem.Place(id: made[3].id)
            let found = UserListItem.Place(id: made[3].id, term: "person 3")
            let wrong = [
                (UserFilter(), found), (UserFilter(isActive: true), found),
                (UserFilter(role: .make(at: Sample.now)), found),
                (UserFilter(text: "person"), plain), (UserFilter(text: "person", isActive: true), plain),
            ]
            for (filter, place) in wrong {
                let error = await domainError { _ = try await users.list(filter, after: place, limit: 5) }
                #expect(error?.code == .validationFailed)
                #expect(error?.fields.map(\.name) == ["cursor"])
            }
        }
    }

    @Test(arguments: [UserFilter(), UserFilter(isActive: true), UserFilter(text: "person")])
    func list_whileOthersComeAndGo_hasNoGapAndNoDuplicate(filter: UserFilter) async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            func user(_ name: String, _ second: Int) async throws -> User {
                let user = try Sample.user(
                    "\(name)@example.com",
                    displayName: "Person \(name)",
                    createdAt: Sample.now + .seconds(second)
                )
                try await users.create(user, roles: ["user"], linkedTo: nil)
                return user
            }
            var (staying, leaving): ([User], [User]) = ([], [])
            for index in 0..<30 {
                let name = String(100 + index)
                if index % 3 == 0 {
                    leaving.append(try await user(name, index))
                } else {
                    staying.append(try await user(name, index))
                }
            }
            let items = try await walk(users, filter, limit: 4) { page in
                // One goes, one comes at either end and one in the middle.
                if page < leaving.count { _ = try await users.delete(leaving[page].id) }
                _ = try await user("0\(page)", 100 + page)
                _ = try await user("9\(page)", -100 - page)
                _ = try await user("115\(page)", 15)
            }
            let ids = items.map(\.user.id)
            #expect(Set(ids).count == ids.count)
            #expect(Set(ids).isSuperset(of: staying.map(\.id)))
        }
    }
}
