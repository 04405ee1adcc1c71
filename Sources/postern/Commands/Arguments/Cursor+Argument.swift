// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Schemas

extension Cursor {
    /// The place in a list that an option gives.
    static func argument(_ text: String) throws -> Cursor {
        guard let cursor = Cursor(text) else { throw ValidationError("'\(text)' is no cursor of an earlier page.") }
        return cursor
    }
}
