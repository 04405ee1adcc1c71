// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// This release.
package enum Release {
    /// By semantic versioning.
    package static let version = "0.1.0-dev"
}
