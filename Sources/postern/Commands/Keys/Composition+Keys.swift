// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import Worker

extension Composition {
    /// Tells people which key it is: its name, how it begins and ends, and whose it is.
    func describe(_ id: Identifier<APIKey>) async throws -> String {
        let key = try await apiKeys.find(id, by: .shell)
        let owner = try await users.find(key.ownerID).user
        return "the API key \(key.name) (\(key.forPeople)) of \(owner.email)"
    }
}
