// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Migrations

/// The database lacks migrations of this release.
package struct OutdatedSchemaError: Error, CustomStringConvertible {
    /// The newest migration applied.
    package let found: String?

    package init(found: String?) {
        self.found = found
    }

    package var description: String {
        "the database schema is at \(found ?? "nothing"), this release needs \(SchemaVersion.required); "
            + "run: postern migrate up"
    }
}
