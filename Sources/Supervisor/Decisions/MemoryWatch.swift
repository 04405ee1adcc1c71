// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Notices a worker that has grown too large for good: one large moment is none.
struct MemoryWatch: Hashable, Sendable {
    /// Whether it is too large.
    private(set) var isOver = false
    private var nextSample: MonotonicTime?
    private var samplesOverLimit = 0

    /// Takes `bytes` for a sample if one is due.
    mutating func sample(_ bytes: Int, at now: MonotonicTime, policy: SupervisorPolicy) {
        guard let limit = policy.maximumMemory, nextSample.map({ $0 <= now }) ?? true else { return }
        nextSample = now + policy.memorySampleInterval
        samplesOverLimit = bytes > limit ? samplesOverLimit + 1 : 0
        isOver = samplesOverLimit >= policy.memorySamples
    }
}
