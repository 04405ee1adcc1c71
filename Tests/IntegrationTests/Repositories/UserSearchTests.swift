// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models
import Repositories
import Testing

@Suite struct UserSearchTests {
    /// Users with these addresses and names, who are found by the part of the address before the `@`.
    private func withUsers(
        _ people: [(String, String?)],
        _ body: (DatabasePool, PostgresUserRepository, (String) async throws -> [String]) async throws -> Void
    ) async throws {
        try await TestDatabase.withMigrated { pool in
            let users = PostgresUserRepository(database: pool)
            for (email, name) in people {
                try await users.create(try Sample.user(email, displayName: name), roles: ["user"], linkedTo: nil)
            }
            try await body(pool, users) { text in
                try await users.list(UserFilter(text: text), after: nil, limit: 100)
                    .map { String($0.user.email.text.prefix { $0 != "@" }) }.sorted()
            }
        }
    }

    @Test func search_findsTheBeginningOfEveryWord_andNothingInsideOne() async throws {
        let people: [(String, String?)] = [
            ("ada.lovelace@example.com", "Ada King (née Byron), Countess of Lovelace"), ("bob@other.org", nil),
        ]
        try await withUsers(people) { _, _, found async throws in
            for text in [
                "ada", "a", "ada.l", "lovelace@", "example", "com", "@example.com", "@", "king", "KING (née", "(née",
                "NÉE BY", "byron", "countess of l",
            ] {
                #expect(try await found(text).contains("ada" + ".lovelace"), "\(text)")
            }
            for text in ["da", "ovelace", "xample", "yron", "king née", " king", "ada  king", "of the"] {
                #expect(try await found(text).isEmpty, "\(text)")
            }
            #expect(try await found("bob") == ["bob"])
            #expect(try await found("@o") == ["bob"])
            #expect(try await found("o") == ["ada.lovelace", "bob"])
        }
    }

    @Test func search_takesEveryCharacterAsItself() async throws {
        let people: [(String, String?)] = [
            ("percent@example.com", "100% sure"), ("under@example.com", "snake_case"), ("back@example.com", "C:\\temp"),
            ("plain@example.com", "100 sure snakexcase Ctemp"), ("first@example.com", "%wild _card \\slash"),
            ("emoji@example.com", "🦊 Füchsin Ωmega"),
        ]
        try await withUsers(people) { _, _, found async throws in
            #expect(try await found("100%") == ["percent"])
            #expect(try await found("100") == ["percent", "plain"])
            #expect(try await found("%") == ["first"])
            #expect(try await found("_") == ["first"])
            #expect(try await found("\\") == ["back", "first"])
            #expect(try await found("snake_") == ["under"])
            #expect(try await found("c:\\t") == ["back"])
            #expect(try await found("*") == [])
            #expect(try await found("' or ''='") == [])
            #expect(try await found("🦊") == ["emoji"])
            #expect(try await found("FÜCHS") == ["emoji"])
            #expect(try await found("ωm") == ["emoji"])
        }
    }

    @Test func search_findsAUserOnce_howeverManyWordsMatch() async throws {
        let people: [(String, String?)] = [
            ("anna.ann@anna.example", "Ann Anna Annabel ann a.n.n an"), ("an@an.an", "an an an"), ("bea@b.ann", "Bea"),
        ]
        try await withUsers(people) { _, _, found async throws in
            for text in ["a", "an", "ann"] {
                let all = try await found(text)
                #expect(Set(all).count == all.count, "\(text)")
            }
            #expect(try await found("a") == ["an", "anna.ann", "bea"])
            #expect(try await found("ann") == ["anna.ann", "bea"])
            #expect(try await found("anna") == ["anna.ann"])
            #expect(try await found("annab") == ["anna.ann"])
            #expect(try await found("an an") == ["an"])
        }
    }

    @Test func search_findsExactlyWhatComparingEveryWordFinds() async throws {
        try await TestDatabase.withMigrated { pool in
            var generator = Seeded(state: 42)
            // Few letters, so that words share their beginnings.
            func word(_ length: Int) -> String {
                String((0..<length).map { _ in "ab-".randomElement(using: &generator) ?? "a" })
            }
            let users = PostgresUserRepository(database: pool)
            var terms: [Identifier<User>: [String]] = [:]
            for index in 0..<60 {
                let name = (0..<4).map { _ in word(3) }.joined(separator: " ")
                let user = try Sample.user("ab\(index)@ba.example", displayName: name)
                try await users.create(user, roles: [], linkedTo: nil)
                terms[user.id] = suffixes(user.email.text) + suffixes(name) + ["@ba.example"]
            }
            for text in ["a", "b", "-", "ab", "ba", "a-", "-a", "--", "aab", "a b", "ab-", "ba.", "b a", "@b", "ab1"] {
                let found = try await users.list(UserFilter(text: text), after: nil, limit: 100).map(\.user.id)
                let expected = terms.filter { $0.value.contains { $0.hasPrefix(text) } }.map(\.key)
                #expect(found.count == Set(found).count, "\(text)")
                #expect(Set(found) == Set(expected), "\(text)")
            }
        }
    }

    @Test func search_ofTheLongestText_comparesAllOfIt() async throws {
        let name = String(repeating: "x", count: 120)
        try await withUsers([("long@example.com", name)]) { _, _, found async throws in
            #expect(try await found(String(repeating: "x", count: 100)) == ["long"])
            #expect(try await found(String(repeating: "x", count: 99) + "y") == [])
        }
    }

    @Test func search_followsEveryChangeOfAUser() async throws {
        try await withUsers([("ada@example.com", "Ada"), ("bob@example.com", "Bob")]) {
            pool,
            users,
            found async throws in
            var ada = try await self.ada(users)
            func change(email: String = "ada@example.com", name: String?, isActive: Bool = true) async throws {
                ada = User(
                    id: ada.id,
                    email: try #require(EmailAddress(email)),
                    isEmailVerified: true,
                    displayName: name,
                    isActive: isActive,
                    createdAt: ada.createdAt,
                    updatedAt: ada.updatedAt
                )
                #expect(try await users.change(ada))
            }
            try await change(name: "Countess")
            #expect(try await found("countess") == ["ada"])
            try await change(name: nil)
            #expect(try await found("countess") == [])
            try await change(email: "king@new.example", name: nil)
            #expect(try await found("ada") == [])
            #expect(try await found("@new") == ["king"])

            try await change(email: "king@new.example", name: nil, isActive: false)
            let active = UserFilter(text: "king", isActive: true)
            let inactive = UserFilter(text: "king", isActive: false)
            #expect(try await users.list(active, after: nil, limit: 5).isEmpty)
            #expect(try await users.list(inactive, after: nil, limit: 5).map(\.user) == [ada])
            #expect(try await found("king") == ["king"])

            #expect(try await users.delete(ada.id))
            #expect(try await found("king") == [])
            // bob@example.com, @example.com, example.com, com.
            #expect(try await pool.count("user_search_terms") == 4)
        }
    }

    @Test func terms_areNotWrittenAgain_whenNothingOfThemChanged() async throws {
        try await withUsers([("ada@example.com", "Ada")]) { pool, users, _ async throws in
            let versions = "select string_agg(ctid::text, ' ') from user_search_terms"
            let before: String? = try await pool.execute(.read(versions)).first?.decode(0)
            let ada = try await self.ada(users)
            #expect(try await users.change(ada))
            #expect(try await pool.execute(.read(versions)).first?.decode(0) == before)
        }
    }

    @Test func terms_ofOneUser_areLimited() async throws {
        let words = (0..<66).map { String(UnicodeScalar(UInt8(65 + $0 % 26))) + "\($0 % 10)" }.joined(separator: " ")
        try await withUsers([("a.b.c@example.com", words)]) { pool, _, found async throws in
            #expect(try await pool.count("user_search_terms") <= 40)
            #expect(try await found("a.b") == ["a.b.c"])
        }
    }

    private func ada(_ users: PostgresUserRepository) async throws -> User {
        let email = try #require(EmailAddress("ada@example.com"))
        return try #require(await users.profile(email: email)).user
    }

    /// From each beginning of a word on.
    private func suffixes(_ text: String) -> [String] {
        text.indices.filter { index in
            guard text[index] != " " else { return false }
            return index == text.startIndex || " -.@".contains(text[text.index(before: index)])
        }.map { String(text[$0...]) }
    }

    /// SplitMix64: the same words in every run.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
