// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Schemas
import Testing

@Suite struct APIKeyCreateRequestTests {
    private func refused(_ body: JSONValue) -> [String]? {
        refusedFields { () throws(DomainError) in try APIKeyCreateRequest.read(body) }
    }

    @Test func read_ofEverything_takesItOver() throws {
        let request = try APIKeyCreateRequest.read([
            "name": "Déploiement \u{1F680}", "roles": ["admin", "user"], "permissions": ["users:read"],
            "expires_at": "2030-01-31T10:00:00+01:00", "owner_id": "0198C0A8-7F3E-7ABC-8DEF-0123456789AB",
        ])
        #expect(request.name == "Déploiement \u{1F680}")
        #expect(request.grants == Grants(roles: ["admin", "user"], permissions: ["users:read"]))
        #expect(request.owner == Identifier("0198c0a8-7f3e-7abc-8def-0123456789ab"))
        #expect(request.expiresAt == Timestamp(rfc3339: "2030-01-31T09:00:00Z"))
    }

    @Test(arguments: [["name": "a"], ["name": "a", "expires_at": .null]] as [JSONValue])
    func read_ofTheLeast_givesTheDefaults(body: JSONValue) throws {
        let request = try APIKeyCreateRequest.read(body)
        #expect(request.grants == Grants())
        #expect(request.owner == nil)
        #expect(request.expiresAt == nil)
    }

    @Test func read_namesEveryWrongFieldAtOnce() {
        #expect(
            refused([
                "roles": "admin", "permissions": ["users:read", "users"], "expires_at": "tomorrow", "isAdmin": true,
                "owner_id": "x",
            ]) == [
                "name required", "owner_id invalid", "roles wrong_type", "permissions[1] invalid", "expires_at invalid",
                "isAdmin unknown",
            ]
        )
    }

    @Test(
        arguments: [
            ("", ["name too_short"]), (.string(String(repeating: "é", count: 101)), ["name too_long"]),
            (.null, ["name wrong_type"]), (1, ["name wrong_type"]), (true, ["name wrong_type"]),
            ([], ["name wrong_type"]),
            ([:], ["name wrong_type"]), (.number(1.5), ["name wrong_type"]),
            ("a\0b", ["name invalid"]), ("a\nb", ["name invalid"]), ("a\u{1B}[31m", ["name invalid"]),
            ("a\u{85}b", ["name invalid"]), ("a\u{7F}", ["name invalid"]),
            ("a\u{202E}b", ["name invalid"]), ("a\u{2066}b", ["name invalid"]), ("a\u{200B}b", ["name invalid"]),
            ("a\u{200D}b", ["name invalid"]), ("\u{FEFF}a", ["name invalid"]), ("a\u{2028}b", ["name invalid"]),
            ("a\u{AD}b", ["name invalid"]), ("a\u{E000}b", ["name invalid"]), ("a\u{E0041}b", ["name invalid"]),
        ] as [(JSONValue, [String])]
    )
    func read_ofAWrongName_saysWhy(name: JSONValue, fields: [String]) {
        #expect(refused(["name": name]) == fields)
    }

    @Test(arguments: ["a", " ", "Ключ 钥匙 مفتاح", "e\u{301}", "100% <b>&'\"\\"])
    func read_ofANameInAnyScript_takesIt(name: String) throws {
        #expect(try APIKeyCreateRequest.read(["name": .string(name)]).name == name)
    }

    @Test(
        arguments: [
            (["a", "b", "a"], ["roles[2] repeated"]), (["a", 1], ["roles[1] wrong_type"]),
            (["a", .null], ["roles[1] wrong_type"]),
            (["a", ["b"]], ["roles[1] wrong_type"]), ([""], ["roles[0] invalid"]), (["a\n"], ["roles[0] invalid"]),
            (["Admin"], ["roles[0] invalid"]), (["admin "], ["roles[0] invalid"]),
            (["\u{430}dmin"], ["roles[0] invalid"]),
            ([.string(String(repeating: "r", count: 65))], ["roles[0] invalid"]), (.null, ["roles wrong_type"]),
            ([:], ["roles wrong_type"]), (.array((0...100).map { .string("r\($0)") }), ["roles too_long"]),
        ] as [(JSONValue, [String])]
    )
    func read_ofWrongRoles_saysWhich(roles: JSONValue, fields: [String]) {
        #expect(refused(["name": "a", "roles": roles]) == fields)
    }

    @Test(
        arguments: [
            (["users:read", "users:read"], ["permissions[1] repeated"]), (["Users:read"], ["permissions[0] invalid"]),
            (["users:*"], ["permissions[0] invalid"]), ([1], ["permissions[0] wrong_type"]),
            (.array((0...1000).map { .string("r\($0):a") }), ["permissions too_long"]),
        ] as [(JSONValue, [String])]
    )
    func read_ofWrongPermissions_saysWhich(permissions: JSONValue, fields: [String]) {
        #expect(refused(["name": "a", "permissions": permissions]) == fields)
    }

    @Test(
        arguments: [
            ("", ["expires_at invalid"]), ("2030-01-31", ["expires_at invalid"]),
            ("2030-02-30T00:00:00Z", ["expires_at invalid"]),
            ("9999-12-31T23:59:59-01:00", ["expires_at invalid"]), (1_900_000_000, ["expires_at wrong_type"]),
            (true, ["expires_at wrong_type"]),
        ] as [(JSONValue, [String])]
    )
    func read_ofAWrongTime_saysWhy(time: JSONValue, fields: [String]) {
        #expect(refused(["name": "a", "expires_at": time]) == fields)
    }

    @Test(arguments: [[], ["a"], "a", 1, true, .null] as [JSONValue])
    func read_whenTheBodyIsNoObject_fails(body: JSONValue) {
        #expect(refused(body) == [])
    }

    @Test func read_ofManyUnknownFields_namesAFewOfThemCutShort() throws {
        let unknown = (0..<1000).map { (String(repeating: "u", count: 1000) + "\($0)", JSONValue.null) }
        let body = JSONValue.object(Dictionary(uniqueKeysWithValues: unknown + [("name", "a")]))
        let fields = try #require(refused(body))
        #expect(fields == Array(repeating: String(repeating: "u", count: 64) + " unknown", count: 20))
    }

    @Test func read_neverRepeatsTheValue() {
        do {
            _ = try APIKeyCreateRequest.read([
                "name": "hunter2\n", "roles": ["hunter2\n"], "permissions": ["hunter2"], "expires_at": "hunter2",
            ])
            Issue.record("the body was accepted")
        } catch {
            #expect(error.fields.count == 4)
            #expect(!"\(error) \(error.fields)".contains("hunter2"))
        }
    }

    /// The schema promises what ``read`` does: each limit is taken, and one more is refused.
    @Test func schema_saysWhatReadAccepts() throws {
        let schemas = Dictionary(uniqueKeysWithValues: APIKeyCreateRequest.fields.map { ($0.name, $0.schema) })
        #expect(schemas.keys.sorted() == ["expires_at", "name", "owner_id", "permissions", "roles"])
        #expect(APIKeyCreateRequest.fields.filter(\.isRequired).map(\.name) == ["name"])
        #expect(APIKeyCreateRequest.fields.allSatisfy { !$0.summary.isEmpty })

        let length = Int(try #require(schemas["name"]?["maxLength"]?.integer))
        #expect(schemas["name"]?["minLength"] == 1)
        #expect(refused(["name": .string(String(repeating: "n", count: length))]) == nil)
        #expect(refused(["name": .string(String(repeating: "n", count: length + 1))]) == ["name too_long"])

        for (name, suffix) in [("roles", ""), ("permissions", ":a")] {
            let limit = Int(try #require(schemas[name]?["maxItems"]?.integer))
            let elements = (0...limit).map { JSONValue.string("r\($0)\(suffix)") }
            #expect(schemas[name]?["uniqueItems"] == true)
            #expect(refused(["name": "a", name: .array(Array(elements.dropLast()))]) == nil)
            #expect(refused(["name": "a", name: .array(elements)]) == ["\(name) too_long"])
        }

        #expect(schemas["expires_at"] == ["anyOf": [["type": "string", "format": "date-time"], ["type": "null"]]])
    }
}
