// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Core

extension Identifier {
    /// The id that an argument gives.
    static func argument(_ text: String) throws -> Identifier {
        guard let id = Identifier(text) else { throw ValidationError("'\(text)' is no id.") }
        return id
    }
}
