// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database

extension BlockingConnection {
    /// Runs `body` in a transaction, which is rolled back when `body` throws.
    func inTransaction(_ body: () throws -> Void) throws {
        try execute(script: "begin")
        do {
            try body()
            try execute(script: "commit")
        } catch {
            _ = try? execute(script: "rollback")
            throw error
        }
    }
}
