// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

/// Tokens as they should be.
///
/// ``AccessTokenAttackTests`` has those that should not.
@Suite struct AccessTokenTests {
    private let forge: Forge
    private let claims = AccessTokenClaims(
        issuer: Forge.issuer,
        subject: "0198c0a8-7f3e-7abc-8def-0123456789ab",
        audience: Forge.audience,
        expiresAt: Forge.now + .seconds(1800),
        issuedAt: Forge.now,
        tokenID: "0198c0a8-7f3e-7abc-8def-0123456789ac",
        sessionID: "0198c0a8-7f3e-7abc-8def-0123456789ad",
        roles: ["admin", #"","roles":["owner"#],
        permissions: ["users:read", "users:write"]
    )

    init() throws {
        forge = try Forge()
    }

    @Test func signedClaims_areVerified() throws {
        let token = try AccessTokenSigner(key: forge.key).sign(claims)
        #expect(try forge.verifier.verify(token, now: Forge.now) == claims)
    }

    @Test func signedToken_hasTheHeaderAndMembersOfRFC9068() throws {
        let parts = try AccessTokenSigner(key: forge.key).sign(claims).split(separator: ".")
        let decoded = try parts.prefix(2).map { try JSONValue(parsing: Base64URL.decode($0) ?? []) }
        #expect(decoded[0] == .object(forge.header))
        #expect(
            decoded[1].object?.keys.sorted()
                == ["aud", "client_id", "exp", "iat", "iss", "jti", "permissions", "roles", "sid", "sub"]
        )
        #expect(decoded[1]["exp"] == .integer(1_800_001_800))
        #expect(Base64URL.decode(parts[2])?.count == 64)
    }

    @Test func omittedGrants_areSaidAndVerified() throws {
        let token = try AccessTokenSigner(key: forge.key).sign(claims.omittingGrants)
        let verified = try forge.verifier.verify(token, now: Forge.now)
        #expect(verified.areGrantsOmitted)
        #expect(verified.roles.isEmpty && verified.permissions.isEmpty)
        #expect(verified == claims.omittingGrants)
        let payload = try JSONValue(parsing: Base64URL.decode(token.split(separator: ".")[1]) ?? [])
        #expect(payload["grants_omitted"] == .bool(true))
    }

    @Test(arguments: [JSONValue.string("true"), .integer(1), .null, .array([])])
    func omittedGrants_thatAreNoBoolean_areRefused(value: JSONValue) throws {
        let token = try forge.token(payload: { $0["grants_omitted"] = value })
        #expect(forge.refusal(token) == .claims)
    }

    /// The largest token that passes, and one role more.
    @Test func tokenOverFourKiB_isRefused() throws {
        let signer = AccessTokenSigner(key: forge.key)
        func claims(_ count: Int) -> AccessTokenClaims {
            AccessTokenClaims(
                issuer: Forge.issuer,
                subject: "u",
                audience: Forge.audience,
                expiresAt: Forge.now,
                issuedAt: Forge.now,
                tokenID: "j",
                sessionID: "s",
                roles: [String(repeating: "r", count: count)],
                permissions: []
            )
        }
        var sizes: [Int] = []
        for count in 2000..<4000 {
            do {
                sizes.append(try signer.sign(claims(count)).utf8.count)
            } catch let error as TokenError {
                #expect(error.code == .tooLarge)
                break
            }
        }
        #expect((4094...4096).contains(try #require(sizes.last)))
    }

    @Test(arguments: [
        // Seconds between now and the claim, and the outcome. The leeway is 30 seconds.
        ("exp", -29, nil), ("exp", -30, TokenError.Code.expired), ("exp", -61, .expired), ("exp", 1, nil),
        ("iat", 29, nil), ("iat", 30, nil), ("iat", 31, .notYetValid), ("iat", 61, .notYetValid), ("iat", -86_400, nil),
        ("nbf", 29, nil), ("nbf", 61, .notYetValid), ("nbf", -1, nil),
    ])
    func token_nearTheEndsOfItsLife_isJudgedWithLeeway(
        claim: String,
        seconds: Int64,
        refusal: TokenError.Code?
    ) throws {
        let token = try forge.token(payload: { $0[claim] = .integer(Forge.now.seconds + seconds) })
        #expect(forge.refusal(token) == refusal)
    }

    @Test func keptClaims_areRefusedWhenTheirTimeIsOver() throws {
        let claims = try forge.verifier.verify(forge.token(), now: Forge.now)
        func requireLiving(_ seconds: Int64) throws {
            try AccessTokenClaims.requireLiving(until: claims.expiresAt, at: Forge.now + .seconds(seconds))
        }
        #expect(throws: Never.self) { try requireLiving(1829) }
        #expect(throws: TokenError.self) { try requireLiving(1830) }
    }

    @Test func audience_asListThatHoldsOurs_isAccepted() throws {
        let token = try forge.token(payload: { $0["aud"] = .array([.string("other"), .string(Forge.audience)]) })
        #expect(forge.refusal(token) == nil)
    }

    @Test func unknownMembers_areIgnored() throws {
        let token = try forge.token(header: { $0["b64"] = .bool(false) }, payload: { $0["email"] = .string("a@b.c") })
        #expect(forge.refusal(token) == nil)
    }

    @Test func token_ofAnAcceptedKey_isVerifiedAndOfARetiredOneIsNot() throws {
        let (current, next, retired) = (try Forge(), try Forge(), try Forge())
        let ring = KeyRing(signingKey: current.key, accepting: [next.publicKey])
        let verifier = AccessTokenVerifier(keys: ring, issuer: Forge.issuer, audience: Forge.audience)
        for forge in [current, next] {
            #expect(try verifier.verify(forge.token(), now: Forge.now).roles == ["admin"])
        }
        let error = #expect(throws: TokenError.self) { try verifier.verify(retired.token(), now: Forge.now) }
        #expect(error?.code == .unknownKey)
    }
}
