// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Whether the database answers.
package protocol DatabaseHealth: Sendable {
    /// Asks the database for nothing but an answer.
    ///
    /// - Throws: ``ErrorCode/unavailable`` when there is none.
    func ping() async throws(DomainError)
}
