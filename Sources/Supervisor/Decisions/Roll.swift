// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Replacing every worker, one after another: what a reload and an upgrade are.
struct Roll: Hashable, Sendable {
    let generation: Int
    let program: ProgramSource
    /// How many workers there shall be afterwards.
    let workers: Int
    /// Whether a first worker has shown that the new settings or program work; until then everything can go on as before.
    var isProven = false
}
