// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Schemas
import Testing

@Suite struct ResponseTests {
    private let instant = Timestamp(seconds: 1_800_000_000)
    private let time = "2027-01-15T08:00:00.000000Z"

    private func json(_ response: some ResponseSchema) -> String {
        String(decoding: response.json, as: UTF8.self)
    }

    private func key(expiresAt: Timestamp? = nil, lastUsedAt: Timestamp? = nil) -> APIKey {
        APIKey(
            id: .make(at: instant),
            ownerID: .make(at: instant),
            name: "deploy \"x\"",
            prefix: "pst",
            lastFour: "aB3x",
            grants: Grants(roles: ["b", "a"], permissions: ["x:w", "x:r"]),
            createdAt: instant,
            expiresAt: expiresAt,
            lastUsedAt: lastUsedAt,
            useCount: lastUsedAt == nil ? 0 : 7
        )
    }

    @Test(arguments: [nil, "Ada"])
    func userProfile_isWrittenInTheOrderOfTheContract(name: String?) throws {
        let user = User(
            id: .make(at: instant),
            email: try #require(EmailAddress("ada@example.com")),
            isEmailVerified: true,
            displayName: name,
            isActive: false,
            createdAt: instant,
            updatedAt: instant
        )
        let response = UserProfileResponse(UserProfile(user: user, grants: Grants(roles: ["b", "a"])))
        #expect(
            json(response) == #"{"id":"\#(user.id)","email":"ada@example.com","is_email_verified":true,"#
                + #""display_name":\#(name.map { "\"\($0)\"" } ?? "null"),"is_active":false,"roles":["a","b"],"#
                + #""permissions":[],"created_at":"\#(time)","updated_at":"\#(time)"}"#
        )
    }

    private func role() -> Role {
        Role(
            id: .make(at: instant),
            name: "support",
            description: "Helps.",
            permissions: ["users:write", "users:read"],
            createdAt: instant,
            updatedAt: instant
        )
    }

    private func permission() throws -> Permission {
        Permission(
            id: .make(at: instant),
            name: try #require(PermissionName("invoices:approve")),
            description: "",
            createdAt: instant
        )
    }

    @Test func user_inAList_isTheProfileWithoutPermissions() throws {
        let user = User(
            id: .make(at: instant),
            email: try #require(EmailAddress("ada@example.com")),
            isEmailVerified: true,
            displayName: "Ada",
            isActive: true,
            createdAt: instant,
            updatedAt: instant
        )
        let item = UserListItem(user: user, roles: ["b", "a"], place: .init(id: user.id, term: "ada"))
        let profile = UserProfileResponse(UserProfile(user: user, grants: Grants(roles: ["a", "b"])))
        #expect(json(UserResponse(item)) == json(profile).replacing(#""permissions":[],"#, with: ""))
    }

    @Test func role_isWrittenInTheOrderOfTheContract() {
        let role = role()
        #expect(
            json(RoleResponse(role)) == #"{"id":"\#(role.id)","name":"support","description":"Helps.","#
                + #""is_built_in":false,"permissions":["users:read","users:write"],"#
                + #""created_at":"\#(time)","updated_at":"\#(time)"}"#
        )
    }

    @Test func permission_isWrittenInTheOrderOfTheContract() throws {
        let permission = try permission()
        #expect(
            json(PermissionResponse(permission)) == #"{"id":"\#(permission.id)","name":"invoices:approve","#
                + #""resource":"invoices","action":"approve","description":"","is_built_in":false,"#
                + #""created_at":"\#(time)"}"#
        )
    }

    /// Made anew by every use, `last_used_at` would make each version of a busy key stale at once.
    @Test func versionedJSON_ofAKey_passesItsUseOver() {
        let key = key()
        let used = APIKey(
            id: key.id,
            ownerID: key.ownerID,
            name: key.name,
            prefix: key.prefix,
            lastFour: key.lastFour,
            grants: key.grants,
            createdAt: key.createdAt,
            expiresAt: key.expiresAt,
            lastUsedAt: instant,
            useCount: 7
        )
        #expect(APIKeyResponse(used).versionedJSON == APIKeyResponse(key).versionedJSON)
        let created = APIKeyCreatedResponse(key, secret: Redacted("s"))
        #expect(created.versionedJSON == APIKeyResponse(key).versionedJSON)
        #expect(APIKeyResponse(self.key(expiresAt: instant)).versionedJSON != APIKeyResponse(key).versionedJSON)
    }

    @Test func page_ofAListing_hasACursorOnlyWhenMoreFollows() {
        let keys = [key(), key()]
        func page(_ limit: Int) -> Page<APIKeyResponse> {
            Page(Listing(fetched: keys, limit: limit), place: { Cursor(after: $0.id) }, show: APIKeyResponse.init)
        }
        #expect(page(1).items.count == 1)
        #expect(page(1).nextCursor == Cursor(after: keys[0].id))
        #expect(page(2).items.count == 2)
        #expect(page(2).nextCursor == nil)
    }

    @Test func apiKey_isWrittenWithoutItsSecret() {
        let key = key()
        #expect(
            json(APIKeyResponse(key)) == #"{"id":"\#(key.id)","owner_id":"\#(key.ownerID)","name":"deploy \"x\"","#
                + #""prefix":"pst","last_four":"aB3x","roles":["a","b"],"permissions":["x:r","x:w"],"#
                + #""created_at":"\#(time)","expires_at":null,"last_used_at":null,"use_count":0}"#
        )
    }

    @Test func apiKeyCreated_isTheSecretAndThenTheKey() {
        let key = key(expiresAt: instant, lastUsedAt: instant)
        let created = json(APIKeyCreatedResponse(key, secret: Redacted("pst_secret")))
        #expect(created == #"{"key":"pst_secret","# + json(APIKeyResponse(key)).dropFirst())
        #expect(created.hasSuffix(#""expires_at":"\#(time)","last_used_at":"\#(time)","use_count":7}"#))
    }

    @Test func page_isItemsAndTheNextCursorOrNull() {
        let cursor = Cursor(after: key().id.uuid)
        #expect(json(Page<HealthResponse>(items: [], nextCursor: nil)) == #"{"items":[],"next_cursor":null}"#)
        #expect(
            json(Page(items: [HealthResponse("a"), HealthResponse("b")], nextCursor: cursor))
                == #"{"items":[{"status":"a"},{"status":"b"}],"next_cursor":"\#(cursor.text)"}"#
        )
    }

    /// RFC 6749 section 5.1.
    @Test func tokenPair_hasTheMembersOfOAuth() {
        let pair = TokenPair(
            userID: .make(at: Timestamp(microseconds: 0)),
            accessToken: Redacted("a"),
            accessTokenLifetime: .seconds(1800),
            refreshToken: Redacted("r"),
            refreshTokenLifetime: .seconds(2_592_000)
        )
        #expect(
            json(TokenPairResponse(pair)) == #"{"access_token":"a","token_type":"Bearer","expires_in":1800,"#
                + #""refresh_token":"r","refresh_expires_in":2592000}"#
        )
    }

    @Test func providers_areAListOfObjects() {
        let provider = ProviderListResponse.Provider(
            name: "dev",
            displayName: "Dev",
            loginURL: "http://localhost/login"
        )
        #expect(
            json(ProviderListResponse([provider]))
                == #"{"items":[{"name":"dev","display_name":"Dev","login_url":"http://localhost/login"}]}"#
        )
    }

    @Test func example_saysWhoCalls() {
        let id = Identifier<User>.make(at: instant)
        func principal(_ credential: Principal.Credential) -> Principal {
            Principal(userID: id, credential: credential, grants: Grants())
        }
        #expect(json(ExampleResponse("hi")) == #"{"message":"hi","user_id":null,"credential":null}"#)
        #expect(
            json(ExampleResponse("hi", principal: principal(.apiKey(.make(at: instant)))))
                == #"{"message":"hi","user_id":"\#(id)","credential":"api_key"}"#
        )
        #expect(
            json(ExampleResponse("hi", principal: principal(.accessToken(session: .make(at: instant)))))
                == #"{"message":"hi","user_id":"\#(id)","credential":"access_token"}"#
        )
    }

    /// What is documented is what is written: the same members, with a type that fits each value.
    @Test func schema_saysWhatIsWritten() throws {
        try expectSchema(of: APIKeyCreatedResponse(key(), secret: Redacted("s")))
        try expectSchema(of: APIKeyResponse(key(expiresAt: instant, lastUsedAt: instant)))
        try expectSchema(of: Page(items: [HealthResponse("a")], nextCursor: nil))
        try expectSchema(of: ExampleResponse("hi"))
        try expectSchema(of: RoleResponse(role()))
        try expectSchema(of: PermissionResponse(permission()))
    }

    private func expectSchema<Response: ResponseSchema>(of response: Response) throws {
        let written = try #require(try JSONValue(parsing: response.json).object)
        let properties = try #require(Response.schema["properties"]?.object)
        #expect(Response.schema["type"] == "object")
        #expect(Set(properties.keys) == Set(written.keys))
        #expect(Response.schema["required"]?.array?.compactMap(\.string) == Response.properties.map(\.name))
        for (name, value) in written {
            let type = try #require(properties[name]?["type"])
            let types = type.array?.compactMap(\.string) ?? [type.string ?? ""]
            #expect(types.contains(value.schemaType), "\(name)")
        }
    }
}

extension JSONValue {
    /// The name of the value's type in JSON Schema.
    fileprivate var schemaType: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
