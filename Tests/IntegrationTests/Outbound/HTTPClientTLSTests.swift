// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Outbound
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPClientTLSTests {
    @Test func send_whenCertificateIsSelfSigned_isRefused() async throws {
        let server = try TLSServer(host: "localhost")
        await expect(.tls, .get(try OutboundURL(server.url)))
    }

    @Test func send_whenAuthorityIsGiven_isAnswered() async throws {
        let server = try TLSServer(host: "localhost")
        let response = try await HTTPClient(trusting(server)).send(.get(OutboundURL(server.url)))
        #expect(response.status == 200)
    }

    @Test func send_whenCertificateIsForAnotherHost_isRefused() async throws {
        let server = try TLSServer(host: "other.example")
        await expect(.tls, .get(try OutboundURL(server.url)), HTTPClient(trusting(server)))
    }

    @Test func send_whenServerSpeaksOldTLS_isRefused() async throws {
        let server = try TLSServer(host: "localhost", options: ["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"])
        await expect(.tls, .get(try OutboundURL(server.url)), HTTPClient(trusting(server)))
    }

    private func trusting(_ server: TLSServer) -> HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration()
        configuration.caFile = server.certificate
        return configuration
    }
}
