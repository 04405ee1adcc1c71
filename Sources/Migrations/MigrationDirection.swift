// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The way that a migration is run.
package enum MigrationDirection: String, Hashable, Sendable {
    case up
    case down
}
