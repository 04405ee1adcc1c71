// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Testing

@Suite struct HealthServiceTests {
    private struct Database: DatabaseHealth {
        let outage = Outage()

        func ping() throws(DomainError) {
            try outage.check()
        }
    }

    private let installation: Installation
    private let database = Database()
    private let revocations: RevocationService

    init() throws {
        installation = try Installation()
        revocations = RevocationService(
            revocations: InMemoryRevocationRepository(),
            list: RevocationList(),
            clock: installation.clock,
            logger: Installation.logger
        )
    }

    private func load() async throws {
        try await installation.signingKeys.load()
        try await revocations.load()
    }

    private func refusal(isSchemaCurrent: Bool = true, isDraining: Bool = false) async -> DomainError? {
        let health = HealthService(
            database: database,
            signingKeys: installation.signingKeys,
            revocations: revocations,
            isSchemaCurrent: { isSchemaCurrent },
            isDraining: { isDraining }
        )
        return await failure { try await health.checkReadiness() }
    }

    @Test func readiness_whenAllIsWell_holds() async throws {
        try await load()
        #expect(await refusal() == nil)
    }

    @Test func readiness_whileDraining_fails() async throws {
        try await load()
        let error = await refusal(isDraining: true)
        #expect(error?.code == .unavailable)
        #expect(error?.detail == "The server is stopping.")
    }

    @Test func readiness_beforeTheSchemaIsChecked_fails() async throws {
        try await load()
        #expect(await refusal(isSchemaCurrent: false)?.detail == "The schema was not checked yet.")
    }

    @Test func readiness_beforeTheKeysAreLoaded_fails() async {
        #expect(await refusal()?.detail == "The signing keys are not loaded yet.")
    }

    @Test func readiness_beforeTheRevocationsAreRead_fails() async throws {
        try await installation.signingKeys.load()
        #expect(await refusal()?.detail == "The revocations are not known.")
    }

    @Test func readiness_whenTheDatabaseIsDown_fails() async throws {
        try await load()
        database.outage.begin()
        #expect(await refusal()?.code == .unavailable)
        database.outage.end()
        #expect(await refusal() == nil)
    }
}
