// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Rotations that somebody asks for.
extension SigningKeyService {
    /// A key and what it is good for now.
    package struct StagedKey: Sendable {
        package let record: SigningKeyRecord
        package let stage: SigningKeySchedule.Stage
    }

    private static let attempts = 5

    /// Publishes the next key now, which signs after ``SigningKeySchedule/publicationLead``.
    ///
    /// Does nothing when the next key is published already.
    ///
    /// - Returns: All keys as they are then.
    /// - Throws: as ``load()``.
    package func beginRotation() async throws -> [StagedKey] {
        try await load()
        let newest = try await keys.all().first { $0.retiredAt == nil }
        if let newest, schedule.stage(of: newest, at: clock.now()) == .signing {
            let key = try makeKey(activatesAfter: SigningKeySchedule.publicationLead)
            _ = try await publish(key, after: newest.kid, by: .commandLine)
        }
        return try await stagedKeys()
    }

    /// Makes a key that signs at once, and removes all others: tokens that they signed are refused from now on.
    ///
    /// The published one goes, too: who could read one key could read both.
    ///
    /// - Returns: All keys as they are then.
    /// - Throws: as ``load()``; ``ErrorCode/conflict`` when others do the same all the time.
    package func replaceAll() async throws -> [StagedKey] {
        // With a secret that is not the installation's, every worker would stop.
        try await load()
        for _ in 0..<Self.attempts {
            let key = try makeKey(activatesAfter: .zero)
            let isReplaced = try await storing(key, .signingKeysReplaced, by: .commandLine) {
                [keys] () async throws(DomainError) in
                try await keys.replaceAll(with: key)
            }
            if isReplaced { return try await stagedKeys() }
        }
        throw DomainError(.conflict, "Others change the signing keys at the same time; try again.")
    }

    private func stagedKeys() async throws -> [StagedKey] {
        try await load()
        let now = clock.now()
        return try await keys.all().map { StagedKey(record: $0, stage: schedule.stage(of: $0, at: now)) }
    }
}
