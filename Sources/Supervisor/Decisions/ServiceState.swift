// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What a service manager is told.
package enum ServiceState: Hashable, Sendable {
    case ready
    case reloading
    case stopping
}
