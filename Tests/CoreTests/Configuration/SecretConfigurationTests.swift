// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Testing

@Suite struct SecretConfigurationTests {
    private func secret(_ environment: [String: String]) throws -> SecretConfiguration {
        try SecretConfiguration(Settings(environment: environment))
    }

    @Test func secret_inTheEnvironment_isTaken() throws {
        let secret = try secret(["POSTERN_SECRET": "c2VjcmV0"])
        #expect(secret.current.encoded.exposed == "c2VjcmV0")
        #expect(secret.current.key == "POSTERN_SECRET")
    }

    @Test func secret_inAFile_isTakenWithoutSpaceAroundIt() throws {
        let secret = try withFile(" c2VjcmV0\r\n\n") { try self.secret(["POSTERN_SECRET_FILE": $0]) }
        #expect(secret.current.encoded.exposed == "c2VjcmV0")
        #expect(secret.current.key == "POSTERN_SECRET_FILE")
    }

    @Test func previousSecret_isTakenBesideTheSecret_andMayBeAbsent() throws {
        #expect(try secret(["POSTERN_SECRET": "c2VjcmV0"]).previous?.key == nil)
        let secret = try withFile("b2xk\n") {
            try self.secret(["POSTERN_SECRET": "c2VjcmV0", "POSTERN_PREVIOUS_SECRET_FILE": $0])
        }
        #expect(secret.current.encoded.exposed == "c2VjcmV0")
        #expect(secret.previous?.encoded.exposed == "b2xk")
        #expect(secret.previous?.key == "POSTERN_PREVIOUS_SECRET_FILE")
    }

    @Test(
        arguments: [
            ([:], "POSTERN_SECRET must be set to at least 32 random bytes in base64: openssl rand -base64 32"),
            (
                ["POSTERN_SECRET": "a", "POSTERN_SECRET_FILE": "b"],
                "POSTERN_SECRET and POSTERN_SECRET_FILE cannot both be set"
            ),
            (["POSTERN_SECRET_FILE": "/nonexistent/secret"], "POSTERN_SECRET_FILE names a file that cannot be read"),
            (
                ["POSTERN_SECRET": "a", "POSTERN_PREVIOUS_SECRET": "b", "POSTERN_PREVIOUS_SECRET_FILE": "c"],
                "POSTERN_PREVIOUS_SECRET and POSTERN_PREVIOUS_SECRET_FILE cannot both be set"
            ),
            (
                ["POSTERN_SECRET": "a", "POSTERN_PREVIOUS_SECRET_FILE": "/nonexistent/secret"],
                "POSTERN_PREVIOUS_SECRET_FILE names a file that cannot be read"
            ),
            (
                ["POSTERN_SECRET": "a", "POSTERN_PREVIOUS_SECRET": "a"],
                "POSTERN_PREVIOUS_SECRET must be another secret than POSTERN_SECRET"
            ),
            (
                ["POSTERN_PREVIOUS_SECRET": "a"],
                "POSTERN_SECRET must be set to at least 32 random bytes in base64: openssl rand -base64 32"
            ),
        ] as [([String: String], String)]
    )
    func secret_whenThereIsNotOne_stopsTheStart(environment: [String: String], message: String) {
        #expect(refusal { try secret(environment) } == message)
    }

    @Test func printing_doesNotShowTheSecret() throws {
        var text = ""
        dump(try secret(["POSTERN_SECRET": "c2VjcmV0", "POSTERN_PREVIOUS_SECRET": "b2xk"]), to: &text)
        #expect(text.contains("[redacted]"))
        #expect(!text.contains("c2VjcmV0") && !text.contains("b2xk"))
    }
}
