// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials
import Models
import Schemas
import Testing

/// The queries of lists that can be narrowed.
@Suite struct ListQueryTests {
    private static let id = UUID.v7(at: Timestamp(seconds: 1_800_000_000))

    private func refused(_ query: [(name: String, value: String)]) -> [String]? {
        refusedFields { () throws(DomainError) in try UserListQuery.read(query: query) }
    }

    @Test func users_ofNothing_areAll() throws {
        let query = try UserListQuery.read(query: [])
        #expect(query.limit == 50)
        #expect(query.filter == UserFilter())
        #expect(query.place == nil)
    }

    @Test(arguments: [("true", true), ("false", false)])
    func users_ofASearch_takeItOver(text: String, isActive: Bool) throws {
        let cursor = Cursor(after: Self.id, term: "ada lovelace")
        let query = try UserListQuery.read(query: [
            ("q", "100% ada_'\\"), ("is_active", text), ("cursor", cursor.text), ("limit", "7"),
        ])
        #expect(query.limit == 7)
        #expect(query.filter == UserFilter(text: "100% ada_'\\", isActive: isActive))
        #expect(query.place == UserListItem.Place(id: Identifier(Self.id), term: "ada lovelace"))
    }

    @Test func users_withARole_takeItOver() throws {
        let query = try UserListQuery.read(query: [
            ("role_id", Self.id.lowercased), ("cursor", Cursor(after: Self.id).text),
        ])
        #expect(query.filter == UserFilter(role: Identifier(Self.id)))
        #expect(query.place == UserListItem.Place(id: Identifier(Self.id)))
    }

    @Test(arguments: [
        (("q", ""), "too_short"), (("q", String(repeating: "q", count: 101)), "too_long"), (("q", "a\0"), "invalid"),
        (("is_active", "1"), "wrong_type"), (("is_active", "True"), "wrong_type"), (("is_active", ""), "wrong_type"),
        (("role_id", "admin"), "invalid"), (("cursor", "x"), "invalid"), (("sort", "name;drop"), "unknown"),
        (("secret_hash", "a"), "unknown"),
    ])
    func users_ofAWrongParameter_areRefused(parameter: (name: String, value: String), code: String) {
        #expect(refused([parameter]) == ["\(parameter.name) \(code)"])
    }

    @Test func users_ofSeveralWrongParameters_nameEach() {
        #expect(
            refused([("q", ""), ("limit", "0"), ("is_active", "true"), ("is_active", "false"), ("x", "")])
                == ["limit out_of_range", "q too_short", "is_active repeated", "x unknown"]
        )
    }

    @Test func apiKeys_areThoseOfTheOwner() throws {
        let query = try APIKeyListQuery.read(query: [("owner_id", Self.id.lowercased), ("limit", "2")])
        #expect(query.owner == Identifier(Self.id))
        #expect(query.limit == 2)
        #expect(try APIKeyListQuery.read(query: []).owner == nil)
        #expect(
            refusedFields { () throws(DomainError) in try APIKeyListQuery.read(query: [("owner_id", "me")]) }
                == ["owner_id invalid"]
        )
    }
}
