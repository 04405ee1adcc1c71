// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Schemas
import Testing

/// Bodies of PATCH: what is absent stays as it is, and null is a value only where the contract says so.
@Suite struct ChangeRequestTests {
    private func refused<Request: RequestSchema>(_: Request.Type, _ body: JSONValue) -> [String]? {
        refusedFields { () throws(DomainError) in try Request.read(body) }
    }

    @Test func read_ofNothing_keepsEverything() throws {
        let user = try UserChangeRequest.read([:])
        #expect(user.email == .keep)
        #expect(user.displayName == .keep)
        #expect(user.isEmailVerified == .keep)
        #expect(user.isActive == .keep)
        #expect(try OwnUserChangeRequest.read([:]).displayName == .keep)
        let role = try RoleChangeRequest.read([:])
        #expect(role.name == .keep)
        #expect(role.description == .keep)
        let key = try APIKeyChangeRequest.read([:])
        #expect(key.name == .keep)
        #expect(key.roles == .keep)
        #expect(key.permissions == .keep)
        #expect(key.expiresAt == .keep)
        let rotation = try APIKeyRotateRequest.read([:])
        #expect(rotation.overlap == .zero)
        #expect(rotation.expiresAt == .keep)
    }

    @Test func read_ofEverything_setsIt() throws {
        let user = try UserChangeRequest.read([
            "email": "Ada@Example.com", "display_name": "Ada", "is_email_verified": false, "is_active": true,
        ])
        #expect(user.email == .set(try #require(EmailAddress("ada@example.com"))))
        #expect(user.displayName == .set("Ada"))
        #expect(user.isEmailVerified == .set(false))
        #expect(user.isActive == .set(true))
        let role = try RoleChangeRequest.read(["name": "support", "description": ""])
        #expect(role.name == .set(try #require(RoleName("support"))))
        #expect(role.description == .set(""))
        let key = try APIKeyChangeRequest.read([
            "name": "ci", "roles": ["user"], "permissions": [], "expires_at": "2030-01-31T09:00:00Z",
        ])
        #expect(key.name == .set("ci"))
        #expect(key.roles == .set(["user"]))
        #expect(key.permissions == .set([]))
        #expect(key.expiresAt == .set(Timestamp(rfc3339: "2030-01-31T09:00:00Z")))
        #expect(try APIKeyRotateRequest.read(["overlap_seconds": 2_592_000]).overlap == .seconds(30 * 86_400))
    }

    @Test func read_ofNull_clearsWhatMayBeEmpty() throws {
        #expect(try UserChangeRequest.read(["display_name": .null]).displayName == .set(nil))
        #expect(try OwnUserChangeRequest.read(["display_name": .null]).displayName == .set(nil))
        #expect(try APIKeyChangeRequest.read(["expires_at": .null]).expiresAt == .set(nil))
        #expect(try APIKeyRotateRequest.read(["expires_at": .null]).expiresAt == .set(nil))
    }

    @Test func read_ofNull_isRefusedElsewhere() {
        #expect(
            refused(
                UserChangeRequest.self,
                ["email": .null, "is_email_verified": .null, "is_active": .null]
            ) == ["email wrong_type", "is_email_verified wrong_type", "is_active wrong_type"]
        )
        #expect(
            refused(RoleChangeRequest.self, ["name": .null, "description": .null])
                == ["name wrong_type", "description wrong_type"]
        )
        #expect(
            refused(APIKeyChangeRequest.self, ["name": .null, "roles": .null, "permissions": .null])
                == ["name wrong_type", "roles wrong_type", "permissions wrong_type"]
        )
    }

    /// What somebody would like to slip in (API3:2023, broken object property level authorization).
    @Test(arguments: [
        "id", "roles", "permissions", "owner_id", "created_at", "is_built_in", "isAdmin", "email_verified",
    ])
    func read_ofAFieldThatCannotChange_isRefused(name: String) {
        #expect(refused(UserChangeRequest.self, [name: true]) == ["\(name) unknown"])
        #expect(refused(OwnUserChangeRequest.self, [name: true]) == ["\(name) unknown"])
        #expect(refused(RoleChangeRequest.self, [name: true]) == ["\(name) unknown"])
        #expect(refused(APIKeyRotateRequest.self, [name: true]) == ["\(name) unknown"])
    }

    @Test(
        arguments: [
            (-1, "out_of_range"), (2_592_001, "out_of_range"), ("60", "wrong_type"), (.number(1.5), "wrong_type"),
            (.null, "wrong_type"),
        ] as [(JSONValue, String)]
    )
    func rotate_ofAWrongOverlap_saysWhy(overlap: JSONValue, code: String) {
        #expect(refused(APIKeyRotateRequest.self, ["overlap_seconds": overlap]) == ["overlap_seconds \(code)"])
    }

    /// A change describes itself as the field that it changes.
    @Test func schema_isThatOfTheValue() throws {
        let schemas = Dictionary(uniqueKeysWithValues: UserChangeRequest.fields.map { ($0.name, $0.schema) })
        #expect(schemas["is_active"] == ["type": "boolean"])
        #expect(schemas["email"]?["maxLength"] == 254)
        #expect(schemas["display_name"]?["anyOf"]?.array?.last == ["type": "null"])
        #expect(UserChangeRequest.fields.allSatisfy { !$0.isRequired && $0.defaultValue == nil })
    }
}
