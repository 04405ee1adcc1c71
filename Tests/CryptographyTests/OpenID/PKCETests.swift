// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Testing

@Suite struct PKCETests {
    /// RFC 7636 appendix B.
    @Test func challenge_ofTheExample_isItsDigest() throws {
        let pkce = try PKCE(verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(pkce.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test func generatedVerifier_has43CharactersAndIsNew() throws {
        let first = try PKCE.generate()
        let second = try PKCE.generate()
        #expect(first.verifier.exposed.utf8.count == 43)
        #expect(first.verifier.exposed != second.verifier.exposed)
        #expect(try first.challenge == PKCE(verifier: first.verifier.exposed).challenge)
        #expect(!"\(first)".contains(first.verifier.exposed))
    }
}
