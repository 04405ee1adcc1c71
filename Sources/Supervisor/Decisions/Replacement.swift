// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A worker that starts beside the one that it is to replace.
struct Replacement: Hashable, Sendable {
    let old: Int
    let new: Int
    /// When the new one has lived long enough; nil until it is ready.
    var dueAt: MonotonicTime?
}
