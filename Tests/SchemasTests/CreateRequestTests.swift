// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Schemas
import Testing

/// Bodies of POST for users, roles and permissions.
@Suite struct CreateRequestTests {
    private func refused<Request: RequestSchema>(_: Request.Type, _ body: JSONValue) -> [String]? {
        refusedFields { () throws(DomainError) in try Request.read(body) }
    }

    @Test func user_ofTheLeast_isActiveAndNotVerified() throws {
        let request = try UserCreateRequest.read(["email": " Ada@Example.com "])
        #expect(request.email.text == "ada@example.com")
        #expect(request.displayName == nil)
        #expect(!request.isEmailVerified)
        #expect(request.isActive)
        #expect(request.roles == nil)
    }

    /// No roles at all are something else than those of a first sign-in.
    @Test func user_withoutRoles_hasNone() throws {
        #expect(try UserCreateRequest.read(["email": "ada@example.com", "roles": []]).roles == [])
    }

    @Test func user_namesEveryWrongFieldAtOnce() {
        #expect(
            refused(
                UserCreateRequest.self,
                [
                    "email": 1, "display_name": "", "is_email_verified": "true", "is_active": 1, "roles": ["Admin"],
                    "id": "x",
                ]
            ) == [
                "email wrong_type", "display_name too_short", "is_email_verified wrong_type", "is_active wrong_type",
                "roles[0] invalid", "id unknown",
            ]
        )
        #expect(refused(UserCreateRequest.self, ["roles": .null]) == ["email required", "roles wrong_type"])
    }

    @Test(arguments: [
        "", "ada", "ada@", "@example.com", "ada@example", "a b@example.com", "ada@example.com\n\nx", "ada@@example.com",
        "\u{131}da@example.com", "ada\u{FF20}example.com", "ada@-x.com", "\"a\"@example.com", "ada@[127.0.0.1]",
        "ada@example.com\0",
    ])
    func user_withoutAnAddress_isRefused(email: String) {
        #expect(refused(UserCreateRequest.self, ["email": .string(email)]) == ["email invalid"])
    }

    @Test func user_withAnAddressLongerThanAny_isRefused() {
        let address = String(repeating: "a", count: 64) + "@" + String(repeating: "b.", count: 94) + "c"
        #expect(refused(UserCreateRequest.self, ["email": .string(address)]) == nil)
        #expect(refused(UserCreateRequest.self, ["email": .string(address + "d")]) == ["email too_long"])
    }

    /// The pattern that is documented, and the check that is made, agree.
    @Test(arguments: [
        "ada@example.com", "a.b+c!#$%&'*/=?^_`{|}~-@x-1.co.uk", "ada@1.2", "ada", "ada@example", "ada@-x.com",
        "ada@x-.com", "ada@x..com", "a(b)@x.com", "@x.com", "ada@\u{E9}.com",
    ])
    func email_fitsItsPatternWhenItIsTaken(email: String) throws {
        let field = try #require(UserCreateRequest.fields.first { $0.name == "email" })
        let pattern = try Regex(try #require(field.schema["pattern"]?.string))
        let isTaken = refused(UserCreateRequest.self, ["email": .string(email)]) == nil
        #expect((email.wholeMatch(of: pattern) != nil) == isTaken)
    }

    @Test func role_ofTheLeast_givesNothing() throws {
        let request = try RoleCreateRequest.read(["name": "billing.read-only_2"])
        #expect(request.name.text == "billing.read-only_2")
        #expect(request.description.isEmpty)
        #expect(request.permissions.isEmpty)
    }

    @Test(arguments: [
        "", "Admin", "admin ", " admin", "\u{430}dmin", "1st", "a b", "a:b", "a*", "a,b", "a\0",
        String(repeating: "a", count: 65),
    ])
    func role_withAnotherName_isRefused(name: String) {
        #expect(refused(RoleCreateRequest.self, ["name": .string(name)]) == ["name invalid"])
    }

    @Test func role_namesEveryWrongFieldAtOnce() {
        #expect(
            refused(
                RoleCreateRequest.self,
                [
                    "description": .string(String(repeating: "d", count: 501)), "permissions": ["a:b", "*"],
                    "is_built_in": true,
                ]
            ) == ["name required", "description too_long", "permissions[1] invalid", "is_built_in unknown"]
        )
    }

    @Test func permission_isNamedAfterBothParts() throws {
        let request = try PermissionCreateRequest.read(["resource": "invoices", "action": "approve"])
        #expect(request.name.description == "invoices:approve")
        #expect(request.description.isEmpty)
    }

    @Test(arguments: ["", "*", "users:*", "a,b", "Users", "\u{430}", "a b", String(repeating: "a", count: 65)])
    func permission_withAnotherPart_isRefused(part: String) {
        #expect(
            refused(PermissionCreateRequest.self, ["resource": .string(part), "action": .string(part)])
                == ["resource invalid", "action invalid"]
        )
    }

    @Test func permission_withoutParts_namesBoth() {
        #expect(
            refused(PermissionCreateRequest.self, ["name": "a:b"])
                == ["resource required", "action required", "name unknown"]
        )
    }
}
