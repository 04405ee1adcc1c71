// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Whether this process can do its work.
package struct HealthService: Sendable {
    private let database: any DatabaseHealth
    private let signingKeys: SigningKeyService
    private let revocations: RevocationService
    private let isSchemaCurrent: @Sendable () -> Bool
    private let isDraining: @Sendable () -> Bool

    /// - Parameters:
    ///   - database: Is asked for an answer.
    ///   - signingKeys: Must be loaded.
    ///   - revocations: Must have been read a moment ago.
    ///   - isSchemaCurrent: Whether the database is known to have all migrations of this release.
    ///   - isDraining: Whether the process is about to stop, so that load balancers look elsewhere.
    package init(
        database: any DatabaseHealth,
        signingKeys: SigningKeyService,
        revocations: RevocationService,
        isSchemaCurrent: @escaping @Sendable () -> Bool,
        isDraining: @escaping @Sendable () -> Bool
    ) {
        self.database = database
        self.signingKeys = signingKeys
        self.revocations = revocations
        self.isSchemaCurrent = isSchemaCurrent
        self.isDraining = isDraining
    }

    /// - Throws: ``ErrorCode/unavailable`` when the process should get no requests now.
    package func checkReadiness() async throws(DomainError) {
        guard !isDraining() else { throw DomainError(.unavailable, "The server is stopping.") }
        guard isSchemaCurrent() else { throw DomainError(.unavailable, "The schema was not checked yet.") }
        _ = try signingKeys.current()
        try revocations.checkAge()
        try await database.ping()
    }
}
