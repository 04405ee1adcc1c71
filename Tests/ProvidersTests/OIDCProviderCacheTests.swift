// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Outbound
import Providers
import Testing

@Suite struct OIDCProviderCacheTests {
    @Test func documents_areFetchedOnceInTenMinutes() async throws {
        let fixture = try Fixture()
        for _ in 0..<3 { #expect(await fixture.code() == nil) }
        fixture.time.advance(by: .seconds(599))
        fixture.issuer.change { $0.claims["exp"] = .integer(1_900_000_000) }
        #expect(await fixture.code() == nil)
        #expect(fixture.issuer.discoveryRequests == 1)
        #expect(fixture.issuer.requests(to: "/jwks").count == 1)

        fixture.time.advance(by: .seconds(1))
        #expect(await fixture.code() == nil)
        #expect(fixture.issuer.discoveryRequests == 2)
        #expect(fixture.issuer.requests(to: "/jwks").count == 2)
    }

    @Test func document_whenManyNeedItAtOnce_isFetchedOnce() async throws {
        let fixture = try Fixture()
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { #expect(await fixture.beginCode() == nil) } }
        }
        #expect(fixture.issuer.discoveryRequests == 1)
    }

    @Test func document_whenProviderIsDown_servesForADay() async throws {
        let fixture = try Fixture()
        #expect(await fixture.beginCode() == nil)
        fixture.issuer.change { $0.answers["/.well-known/openid-configuration"] = .failure(OutboundError(.timeout)) }

        fixture.time.advance(by: .seconds(601))
        for _ in 0..<5 { #expect(await fixture.beginCode() == nil) }
        // One try, then half a minute without the provider's timeout in every sign-in.
        #expect(fixture.issuer.discoveryRequests == 2)
        fixture.time.advance(by: .seconds(30))
        #expect(await fixture.beginCode() == nil)
        #expect(fixture.issuer.discoveryRequests == 3)

        fixture.time.advance(by: .seconds(86_400))
        #expect(await fixture.beginCode() == .upstream)
    }

    @Test func document_whenFirstFetchFails_isFetchedAgainAtOnce() async throws {
        let fixture = try Fixture()
        fixture.issuer.change { $0.answers["/.well-known/openid-configuration"] = .failure(OutboundError(.connect)) }
        #expect(await fixture.beginCode() == .upstream)
        fixture.issuer.change { $0.answers = [:] }
        #expect(await fixture.beginCode() == nil)
    }

    @Test func keys_whenIssuerRotates_areFetchedAgain() async throws {
        let fixture = try Fixture()
        #expect(await fixture.code() == nil)
        fixture.time.advance(by: .seconds(30))
        try fixture.issuer.rotate()
        #expect(await fixture.code() == nil)
        #expect(fixture.issuer.requests(to: "/jwks").count == 2)
    }

    @Test func keys_whenManyTokensNameUnknownOnes_areFetchedOnceInThirtySeconds() async throws {
        let fixture = try Fixture()
        #expect(await fixture.code() == nil)
        fixture.time.advance(by: .seconds(30))
        fixture.issuer.change { $0.header["kid"] = .string("unknown") }
        for _ in 0..<50 { #expect(await fixture.code() == .unauthenticated) }
        #expect(fixture.issuer.requests(to: "/jwks").count == 2)

        fixture.time.advance(by: .seconds(29))
        #expect(await fixture.code() == .unauthenticated)
        #expect(fixture.issuer.requests(to: "/jwks").count == 2)
        fixture.time.advance(by: .seconds(1))
        #expect(await fixture.code() == .unauthenticated)
        #expect(fixture.issuer.requests(to: "/jwks").count == 3)
    }

    @Test func keys_whenTheSetIsEmpty_areNotFetchedMoreOften() async throws {
        let fixture = try Fixture()
        fixture.issuer.change { $0.keys = [] }
        for _ in 0..<50 { #expect(await fixture.code() == .unauthenticated) }
        #expect(fixture.issuer.requests(to: "/jwks").count == 1)
    }

    @Test func keys_whenManySignInsMeetTheNewKeyAtOnce_areFetchedOnceForAll() async throws {
        let fixture = try Fixture()
        #expect(await fixture.code() == nil)
        fixture.time.advance(by: .seconds(30))
        try fixture.issuer.rotate()
        await withTaskGroup { group in
            for _ in 0..<20 { group.addTask { #expect(await fixture.code() == nil) } }
        }
        #expect(fixture.issuer.requests(to: "/jwks").count == 2)
    }
}
