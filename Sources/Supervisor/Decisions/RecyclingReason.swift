// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Why a worker that works is replaced.
package enum RecyclingReason: String, Hashable, Sendable {
    case age
    case memory
}
